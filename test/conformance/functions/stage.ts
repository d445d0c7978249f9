/** What a function of a case may use: the case's surroundings, its world if it has one, and the blocks it made. */
import type { CloudClient } from '../cloud-client.ts';
import type { ControlPlane } from '../stage/control-plane.ts';
import { isMap, listAt, objectOf } from '../stage/objects.ts';
import type { CaseObject, Data, DataMap } from '../stage/objects.ts';

/** Surroundings of a call. */
export interface CallStage {
  readonly given: DataMap;
  readonly plane: ControlPlane;
  readonly client: CloudClient;
  /** Identity block the call acts on; undefined where it names none. */
  readonly block: IdentityBlock | undefined;
}

/** A bare identity block; a plan leaves its delta in it. */
export interface IdentityBlock {
  ids: readonly string[];
}

/** A function: it answers a value or throws {@link CallFailure}. */
export type CaseFunction = (args: DataMap, stage: CallStage) => unknown;

/** The function answers an error. */
export class CallFailure extends Error {}

/** A map that must be equal to what is wanted, not just contain it. */
export class ExactMap {
  readonly value: DataMap;

  constructor(value: DataMap) {
    this.value = value;
  }
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
