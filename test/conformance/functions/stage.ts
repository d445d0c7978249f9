/** What a function of a case may use: the case's surroundings, its world, and the blocks it made. */
import type { ComponentMetrics } from '../../../src/report/component-metrics/index.ts';
import { NoSeam } from '../case.ts';
import type { FileWatch } from './file-functions.ts';
import type { HttpEquivalent } from './http-equivalent.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { ControlPlane } from '../stage/control-plane.ts';
import { isMap, listAt, objectOf } from '../stage/objects.ts';
import type { CaseObject, Data, DataMap } from '../stage/objects.ts';
import type { NodeWorld } from '../stage/node-world.ts';
import type { Wait } from '../timeline.ts';

/** Surroundings of a call. */
export interface CallStage {
  readonly given: DataMap;
  /** What MIC and NMI of the case's world export, and what the case itself reported. */
  readonly metrics: ComponentMetrics;
  readonly files: FileWatch;
  /** The world of MIC alone, where the case has it. */
  readonly plane?: ControlPlane;
  readonly client?: CloudClient;
  /** The world of one node with its NMI, where the case has it. */
  readonly node?: NodeWorld;
  /** Identity block the call acts on; undefined where it names none. */
  readonly block: IdentityBlock | undefined;
}

/** A bare identity block; a plan leaves its delta in it. */
export interface IdentityBlock {
  ids: readonly string[];
}

/** A call that takes time. */
export type TimedCall = Generator<Wait, unknown, undefined>;

/** A function: it answers a value, a call that takes time, or throws {@link CallFailure}. */
export type CaseFunction = (args: DataMap, stage: CallStage) => unknown;

/** The function answers an error. */
export class CallFailure extends Error {}

/** A value and an error at once, as some functions give, or what HTTP says in their place. */
export class Outcome {
  readonly value: unknown;
  readonly error?: string;
  readonly http?: HttpEquivalent;

  constructor(parts: { readonly value: unknown; readonly error?: string; readonly http?: HttpEquivalent }) {
    this.value = parts.value;
    if (parts.error !== undefined) this.error = parts.error;
    if (parts.http !== undefined) this.http = parts.http;
  }
}

/** A map that must be equal to what is wanted, not just contain it. */
export class ExactMap {
  readonly value: DataMap;

  constructor(value: DataMap) {
    this.value = value;
  }
}

/** Whether a function answered with a call that takes time. */
export function isSteps(made: unknown): made is TimedCall {
  return typeof made === 'object' && made !== null && Symbol.iterator in made && 'throw' in made;
}

/** The world of MIC alone, for functions that act in it. */
export function planeOf({ plane, client }: CallStage): { readonly plane: ControlPlane; readonly client: CloudClient } {
  if (plane === undefined || client === undefined) throw new NoSeam('the function needs the world of MIC, and the case has another');
  return { plane, client };
}

/** The world of one node, for functions that ask its NMI. */
export function nodeOf({ node }: CallStage): NodeWorld {
  if (node === undefined) throw new NoSeam('the function needs the world of NMI, and the case has another');
  return node;
}

/** Objects of a kind that the case began with, in the order given. */
export function givenObjects<K extends CaseObject['kind']>(given: DataMap, kind: K): readonly Extract<CaseObject, { readonly kind: K }>[] {
  return listAt(given, 'objects')
    .filter(isMap)
    .filter((manifest) => manifest['kind'] === kind)
    .map((manifest) => objectOf(manifest, '') as Extract<CaseObject, { readonly kind: K }>);
}

/** A manifest among the arguments of a call. */
export function manifestIn(value: Data | undefined): CaseObject {
  const object = isMap(value) ? objectOf(value, '') : undefined;
  if (object === undefined) throw new Error('the argument is no manifest of a known kind');
  return object;
}
