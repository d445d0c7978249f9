/**
 * YAML text with positions: documents whose every value knows its line and column.
 *
 * On the package `yaml`. Syntax errors are problems, not exceptions. Anchors, aliases and merge keys are read; a value may be taken
 * away, so that one bad entry does not hide what is wrong with the rest.
 */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import { formatPath } from '../problem.ts';
import type { Place, Problem } from '../problem.ts';

/** Where in the data something is. */
export type Path = readonly (string | number)[];

/** Most times aliases may multiply: a defence against texts that unfold without end. */
const MOST_ALIASES = 1000;

/** One document of a text. */
export class YamlDocument {
  readonly #file: string;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** Places that elements had in their lists before others were taken away. */
  readonly #written = new Map<unknown, number>();

  constructor(file: string, document: Document.Parsed, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  /** Whether there is nothing in it, or only comments. */
  get isEmpty(): boolean {
    const { contents } = this.#document;
    return contents === null || (isScalar(contents) && contents.value === null);
  }

  /** The value as plain data, or why it has none. */
  read(): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Problem } {
    try {
      return { ok: true, value: this.#document.toJS({ maxAliasCount: MOST_ALIASES }) };
    } catch (error) {
      // The package throws for aliases without an anchor, and for aliases that unfold without end.
      const rule = error instanceof Error ? error.message : String(error);
      return { ok: false, problem: this.problem([], `cannot be read as YAML: ${firstLine(rule)}`) };
    }
  }

  /** Where the value at `path` begins; of a missing one, the nearest that contains it. */
  placeOf(path: Path): Place {
    let node: Node | null = this.#document.contents;
    let at = rangeOf(node);
    for (const step of path) {
      node = this.#child(node, step);
      if (node === null) break;
      at = rangeOf(node) ?? at;
    }
    return this.#place(at);
  }

  /** Where the key `key` of the map at `path` stands; the map itself if it has no such key. */
  placeOfKey(path: Path, key: string): Place {
    const pair = this.#pair(this.#node(path), key);
    const at = isNode(pair?.key) ? rangeOf(pair.key) : undefined;
    return at === undefined ? this.placeOf(path) : this.#place(at);
  }

  /** A problem with the value at `path`. */
  problem(path: Path, rule: string): Problem {
    return { ...this.placeOf(path), path: this.textOf(path), rule };
  }

  /** A problem with the key `key` of the map at `path`. */
  keyProblem(path: Path, key: string, rule: string): Problem {
    return { ...this.placeOfKey(path, key), path: this.textOf([...path, key]), rule };
  }

  /** The path as a reader of the text would write it, whatever was taken away. */
  textOf(path: Path): string {
    let node: Node | null = this.#document.contents;
    const written = path.map((step) => {
      const child = this.#child(node, step);
      node = child;
      return typeof step === 'number' ? (this.#written.get(child) ?? step) : step;
    });
    return formatPath(written);
  }

  /** Takes away the value at `path`, key included; elements of lists move up. Whether there was one. */
  remove(path: Path): boolean {
    const parent = this.#node(path.slice(0, -1));
    const step = path.at(-1);
    if (step === undefined) return false;
    if (isSeq(parent)) {
      const index = Number(step);
      if (!(index in parent.items)) return false;
      for (const [place, item] of parent.items.entries()) if (!this.#written.has(item)) this.#written.set(item, place);
      parent.items.splice(index, 1);
      return true;
    }
    const pair = this.#pair(parent, step);
    if (!isMap(parent) || pair === undefined) return false;
    const own = parent.items.indexOf(pair);
    // A pair that came by a merge goes with the whole merge.
    const index = own >= 0 ? own : parent.items.findIndex((other) => keyText(other) === '<<');
    parent.items.splice(index, 1);
    return true;
  }

  /** Whether there is a value at `path`. */
  has(path: Path): boolean {
    return this.#node(path) !== null;
  }

  /** Puts a value at `path`, with the maps that lead there. */
  set(path: Path, value: unknown): void {
    this.#document.setIn(path, this.#document.createNode(value));
  }

  #node(path: Path): Node | null {
    let node = this.#resolved(this.#document.contents);
    for (const step of path) node = this.#resolved(this.#child(node, step));
    return node;
  }

  #child(node: Node | null, step: string | number): Node | null {
    const container = this.#resolved(node);
    if (isSeq(container)) {
      const item: unknown = container.items[Number(step)];
      return isNode(item) ? item : null;
    }
    const value = this.#pair(container, step)?.value;
    return isNode(value) ? value : null;
  }

  #pair(node: Node | null, key: string | number): Pair | undefined {
    if (!isMap(node)) return undefined;
    const wanted = String(key);
    const own = node.items.find((pair) => keyText(pair) === wanted);
    return own ?? this.#mergedPair(node, wanted);
  }

  /** A pair that came by `<<: *anchor`. */
  #mergedPair(node: YAMLMap, wanted: string): Pair | undefined {
    for (const pair of node.items) {
      if (keyText(pair) !== '<<' || !isNode(pair.value)) continue;
      const merged = this.#resolved(pair.value);
      if (isMap(merged) && merged !== node) {
        const found = merged.items.find((other) => keyText(other) === wanted);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #resolved(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  #place(offset: number | undefined): Place {
    const { line, col } = this.#lines.linePos(offset ?? 0);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** All documents of a text, and what is wrong with its syntax. A document with errors is not among them. */
export function readYaml(
  file: string,
  text: string,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text.replace(/^\uFEFF/u, ''), {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: true,
    logLevel: 'silent',
  });
  if (!Array.isArray(parsed)) return { documents: [], problems: [] };

  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const document of parsed as Document.Parsed[]) {
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      problems.push({
        file,
        line: Math.max(1, line),
        column: Math.max(1, col),
        path: '',
        rule: `is not YAML: ${firstLine(error.message)}`,
      });
    }
    if (document.errors.length === 0) documents.push(new YamlDocument(file, document, lines));
  }
  return { documents, problems };
}

function rangeOf(node: Node | null): number | undefined {
  return node?.range?.[0];
}

function keyText(pair: Pair): string {
  const { key } = pair;
  return isScalar(key) ? String(key.value) : String(key);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
