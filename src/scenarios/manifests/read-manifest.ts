/** Reads Kubernetes YAML: several documents in a file, lists, placeholders; known kinds become objects of the model. */
import { nearestNames } from '../../model/calibration/suggestion.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { Findings } from '../findings.ts';
import { kindOf, unknownRule } from '../text/schema-issue.ts';
import { readYaml } from '../text/yaml-source.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import { Fields, isRecord } from './fields.ts';
import { usedKind, USED_KIND_NAMES } from './kinds.ts';
import { fillObject } from './placeholders.ts';
import type { Filling } from './placeholders.ts';

/** An object with the place it was read from. */
export interface ReadObject {
  readonly object: KubernetesObject;
  readonly document: YamlDocument;
  readonly path: Path;
}

/** Reads all objects of a manifest, in order. What is wrong goes to `findings`. */
export function readManifest(file: string, text: string, filling: Filling, findings: Findings): readonly ReadObject[] {
  const { documents, problems } = readYaml(file, text);
  findings.problems.push(...problems);
  const used = new Set<string>();
  const objects: ReadObject[] = [];
  let isEmpty = problems.length === 0;
  for (const document of documents) {
    if (document.isEmpty) continue;
    isEmpty = false;
    const read = document.read();
    if (read.ok) objects.push(...readObject({ document, path: [], filling, findings, used }, read.value));
    else findings.problems.push(read.problem);
  }
  if (isEmpty) findings.problems.push({ file, line: 1, column: 1, path: '', rule: 'the manifest is empty' });
  for (const name of filling.given.keys()) {
    if (!used.has(name)) findings.noteAt({ file, line: 1, column: 1 }, `placeholder ${name}, which the scenario fills, does not occur`);
  }
  return objects;
}

/** Reads one object, or the objects of a list, that stands at `path` of a document. */
export function readInlineObject(
  place: { readonly document: YamlDocument; readonly path: Path },
  value: unknown,
  filling: Filling,
  findings: Findings,
): readonly ReadObject[] {
  return readObject({ ...place, filling, findings, used: new Set() }, value);
}

interface Place {
  readonly document: YamlDocument;
  readonly path: Path;
  readonly filling: Filling;
  readonly findings: Findings;
  readonly used: Set<string>;
}

function readObject(place: Place, raw: unknown): readonly ReadObject[] {
  const { document, path, findings } = place;
  if (!isRecord(raw)) {
    findings.problem(document, path, `must be a Kubernetes object, not ${kindOf(raw)}`);
    return [];
  }
  const kind = raw['kind'];
  if (typeof kind !== 'string' || kind === '') {
    findings.problem(document, [...path, 'kind'], kind === undefined ? 'is missing' : `must be the name of a kind, not ${kindOf(kind)}`);
    return [];
  }
  if (kind.endsWith('List') && Array.isArray(raw['items'])) {
    return raw['items'].flatMap((item: unknown, index) => readObject({ ...place, path: [...path, 'items', index] }, item));
  }
  const used = usedKind(kind);
  if (used === undefined) {
    const meant = similar(kind);
    if (meant === '') findings.note(document, [...path, 'kind'], `kind not used: ${kind}`);
    else findings.warning(document, [...path, 'kind'], `kind not used: ${kind}${meant}`);
    return [];
  }
  const apiVersion = raw['apiVersion'];
  if (apiVersion !== used.apiVersion) {
    const given =
      apiVersion === undefined ? 'is missing' : `${typeof apiVersion === 'string' ? apiVersion : kindOf(apiVersion)} is not supported`;
    findings.problem(document, [...path, 'apiVersion'], `${given}: ${kind} is read as ${used.apiVersion}`);
    return [];
  }
  const filled = fillObject(raw, place.filling);
  for (const name of filled.used) place.used.add(name);
  for (const guess of filled.guessed) {
    findings.note(document, [...path, ...guess.path], `placeholder ${guess.placeholder} filled with ${guess.value}`);
  }
  const object = used.read(new Fields(document, path, filled.value, findings));
  return [{ object, document, path }];
}

/** Shorter kinds are too near to others to be guessed at: Role is no misspelt Node. */
const SHORTEST_TYPO = 12;

/** A kind in the wrong letter case is most likely a mistake. */
function similar(kind: string): string {
  const near = kind.length < SHORTEST_TYPO ? [] : nearestNames(kind, USED_KIND_NAMES);
  const meant = USED_KIND_NAMES.find((name) => name.toLowerCase() === kind.toLowerCase()) ?? near[0];
  return meant === undefined ? '' : `; ${unknownRule('kind', kind, [meant])}`;
}
