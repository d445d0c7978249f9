/** Reads the fields of a Kubernetes object with their types, as the API server would, and reports what it would refuse. */
import type { Findings } from '../findings.ts';
import { kindOf } from '../text/schema-issue.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';

/** A map in a document. An absent map is empty. */
export class Fields {
  readonly document: YamlDocument;
  readonly path: Path;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #findings: Findings;

  constructor(document: YamlDocument, path: Path, value: unknown, findings: Findings) {
    this.document = document;
    this.path = path;
    this.#value = isRecord(value) ? value : {};
    this.#findings = findings;
  }

  /** Names of the keys that are there, in code-unit order. */
  get keys(): readonly string[] {
    return Object.keys(this.#value).sort();
  }

  /** Whether the key has a value. */
  has(name: string): boolean {
    return this.#raw(name) !== undefined;
  }

  /** Whether the key has a text. */
  isText(name: string): boolean {
    return typeof this.#raw(name) === 'string';
  }

  /** A text; `fallback` where there is none. */
  text(name: string, fallback = ''): string {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    if (typeof value === 'string') return value;
    return this.#wrong(name, 'a text', value, fallback);
  }

  /** A text that must be there and not be empty. */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === '' && !this.has(name)) this.problem(name, 'is missing');
    else if (value === '' && this.#raw(name) === '') this.problem(name, 'must not be empty');
    return value;
  }

  /** A whole number of at least `least`; `fallback` where there is none. */
  integer(name: string, fallback: number, least = 0): number {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return this.#wrong(name, 'a whole number', value, fallback);
    if (value >= least) return value;
    this.problem(name, `must be at least ${String(least)}, not ${String(value)}`);
    return fallback;
  }

  /** Whether a truth value is true; false where there is none. */
  isTrue(name: string): boolean {
    const value = this.#raw(name);
    if (value === undefined || typeof value === 'boolean') return value === true;
    this.#wrong(name, 'true or false', value, undefined);
    return false;
  }

  /** A number, or a share in percent of `whole`, rounded by `round`; `fallback` where there is none. */
  numberOrShare(name: string, fallback: string, whole: number, round: (n: number) => number): number {
    const value = this.#raw(name) ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    const percent = typeof value === 'string' ? /^(\d+)%$/u.exec(value)?.[1] : undefined;
    if (percent !== undefined) return round((whole * Number(percent)) / 100);
    return this.#wrong(name, 'a whole number or a percentage', value, 0);
  }

  /** A map within; empty where there is none. */
  map(name: string): Fields {
    const value = this.#raw(name);
    if (value !== undefined && !isRecord(value)) this.#wrong(name, 'a map', value, undefined);
    return this.#at(name, value);
  }

  /** The maps of a list; none where there is no list. */
  list(name: string): readonly Fields[] {
    const found: Fields[] = [];
    for (const [index, value] of this.#list(name).entries()) {
      const path = [...this.path, name, index];
      if (isRecord(value)) found.push(new Fields(this.document, path, value, this.#findings));
      else this.#findings.problem(this.document, path, `must be a map, not ${kindOf(value)}`);
    }
    return found;
  }

  /** A list of texts; empty where there is none. */
  texts(name: string): readonly string[] {
    const found: string[] = [];
    for (const [index, value] of this.#list(name).entries()) {
      if (typeof value === 'string') found.push(value);
      else this.#findings.problem(this.document, [...this.path, name, index], `must be a text, not ${kindOf(value)}${quoteHint(value)}`);
    }
    return found;
  }

  /** A map of texts, in code-unit order of its keys; empty where there is none. */
  textMap(name: string): Readonly<Record<string, string>> {
    const fields = this.map(name);
    return Object.fromEntries(fields.keys.map((key) => [key, fields.text(key)]));
  }

  /** Reports a problem with a key, or, without one, with the whole map. */
  problem(name: string, rule: string): void {
    this.#findings.problem(this.document, [...this.path, name], rule);
  }

  /** Reports something worth knowing about a key. */
  note(name: string, text: string): void {
    this.#findings.note(this.document, [...this.path, name], text);
  }

  /** Reports that a key may not do what its author thinks. */
  warning(name: string, text: string): void {
    this.#findings.warning(this.document, [...this.path, name], text);
  }

  #raw(name: string): unknown {
    const value = Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
    return value === null ? undefined : value;
  }

  #at(name: string, value: unknown): Fields {
    return new Fields(this.document, [...this.path, name], value, this.#findings);
  }

  #list(name: string): readonly unknown[] {
    const value = this.#raw(name);
    if (value === undefined || Array.isArray(value)) return value ?? [];
    this.#wrong(name, 'a list', value, undefined);
    return [];
  }

  #wrong<T>(name: string, expected: string, value: unknown, fallback: T): T {
    this.problem(name, `must be ${expected}, not ${kindOf(value)}${expected === 'a text' ? quoteHint(value) : ''}`);
    return fallback;
  }
}

/** Whether a value is a map. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoteHint(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? '; put it in quotes' : '';
}
