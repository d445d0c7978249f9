/** Reads the manifests and inline objects of a scenario, and remembers all of them for the checks that need to see everything. */
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import { isRecord } from '../manifests/fields.ts';
import type { Filling } from '../manifests/placeholders.ts';
import { readInlineObject, readManifest } from '../manifests/read-manifest.ts';
import type { ReadObject } from '../manifests/read-manifest.ts';
import { notAmongRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import { referredValue } from './applications.ts';
import type { Scope } from './scope.ts';

/** Gives the text of a file, by its path relative to the scenario; undefined if there is none. */
export type ReadText = (relativePath: string) => string | undefined;

const REFERENCE = /^identity:([^.]+)\.(.+)$/u;
const APPLICATION_REFERENCE = /^application:([^.]+)\.([^.]+)(?:\.(.+))?$/u;
const REFERENCE_FIELDS = { resourceID: 'id', clientID: 'clientId', name: 'name', resourceGroup: 'resourceGroup' } as const;

/** Reader of one scenario's manifests. */
export class ManifestReader {
  /** Every object read so far, in the order of reading. */
  readonly objects: ReadObject[] = [];
  /** Those that `manifests:` of the scenario brings: what is there before anybody does anything. */
  readonly given: ReadObject[] = [];
  /** Whether every file could be read: if not, nothing can be said to be missing. */
  isComplete = true;
  readonly #scope: Scope;
  readonly #readText: ReadText;
  readonly #folder: string;

  constructor(scope: Scope, readText: ReadText, scenarioPath: string) {
    this.#scope = scope;
    this.#readText = readText;
    this.#folder = scenarioPath.includes('/') ? scenarioPath.slice(0, scenarioPath.lastIndexOf('/') + 1) : '';
  }

  /** Objects of a file; `path` is where the scenario names it. */
  readFile(file: string, fill: Readonly<Record<string, string>>, path: Path): readonly KubernetesObject[] {
    const filling = this.#filling(fill, [...path, 'fill']);
    const text = this.#readText(file);
    if (text === undefined) {
      this.isComplete = false;
      this.#scope.problem(path, `${file} cannot be read`);
      return [];
    }
    const before = this.#scope.findings.problems.length;
    const read = readManifest(joined(this.#folder, file), text, filling, this.#scope.findings);
    if (this.#scope.findings.problems.length > before) this.isComplete = false;
    this.objects.push(...read);
    if (path[0] === 'manifests') this.given.push(...read);
    return read.map(({ object }) => object);
  }

  /** Objects that stand in the scenario itself, at `path`. References such as `identity:NAME.clientID` are resolved in all texts. */
  readInline(value: unknown, path: Path): readonly KubernetesObject[] {
    const resolved = this.#withReferences(value, path);
    const before = this.#scope.findings.problems.length;
    const read = readInlineObject({ document: this.#scope.document, path }, resolved, this.#filling({}, path), this.#scope.findings);
    if (this.#scope.findings.problems.length > before) this.isComplete = false;
    this.objects.push(...read);
    return read.map(({ object }) => object);
  }

  /** Whether some manifest or step has that object. */
  has(kind: string, key: string): boolean {
    return this.objects.some(({ object }) => object.kind === kind && keyOf(object) === key);
  }

  #filling(fill: Readonly<Record<string, string>>, path: Path): Filling {
    const given = new Map<string, string>();
    for (const [name, value] of Object.entries(fill)) given.set(name.replace(/[<>]/gu, ''), this.reference(value, [...path, name]));
    const { identitiesAtStart, identities, location } = this.#scope;
    const [only] = identitiesAtStart.size === 1 ? identitiesAtStart : [];
    const [first, ...others] = this.#scope.applications.values();
    const onlyApplication = others.length === 0 ? first : undefined;
    return {
      given,
      subscription: location.subscription,
      onlyIdentity: only === undefined ? undefined : identities.get(only),
      onlyApplication,
    };
  }

  #withReferences(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return this.reference(value, path);
    if (Array.isArray(value)) return value.map((item, index) => this.#withReferences(item, [...path, index]));
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#withReferences(inner, [...path, key])]))
      : value;
  }

  /** What `identity:NAME.resourceID` or `application:NAME.secret` stands for; other texts are what they are. */
  reference(text: string, path: Path): string {
    const [, application, wanted, key] = APPLICATION_REFERENCE.exec(text) ?? [];
    if (application !== undefined && wanted !== undefined) return this.#ofApplication(application, wanted, key, path) ?? text;
    const [, name, field] = REFERENCE.exec(text) ?? [];
    if (name === undefined || field === undefined) return text;
    const identity = this.#scope.identity(name, path);
    if (!Object.hasOwn(REFERENCE_FIELDS, field)) {
      this.#scope.problem(path, `the field of an identity ${notAmongRule(field, Object.keys(REFERENCE_FIELDS))}`);
      return text;
    }
    return identity?.[REFERENCE_FIELDS[field as keyof typeof REFERENCE_FIELDS]] ?? text;
  }

  #ofApplication(name: string, wanted: string, key: string | undefined, path: Path): string | undefined {
    const application = this.#scope.application(name, path);
    if (application === undefined || wanted === 'name') return application?.name;
    if (wanted === 'clientID') return application.clientId;
    if (wanted !== 'secret' && wanted !== 'certificate') {
      this.#scope.problem(path, `the field of an application ${notAmongRule(wanted, ['clientID', 'name', 'secret', 'certificate'])}`);
      return undefined;
    }
    const value = referredValue(this.#scope, { application: name, kind: wanted, key });
    if (value === undefined) this.#scope.problem(path, `the application ${name} has no such ${wanted}`);
    return value;
  }
}

/** Path of a file beside the scenario, for messages: `.` and `..` are worked out. */
function joined(folder: string, file: string): string {
  if (file.startsWith('/')) return file;
  const parts: string[] = [];
  for (const part of `${folder}${file}`.split('/')) {
    if (part === '.') continue;
    const last = parts.at(-1);
    if (part === '..' && last !== undefined && last !== '..' && last !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
