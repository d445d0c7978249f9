/** Failures that a case asks for by id, until they are used up or cleared. */
import type { ApiServer } from './stage/api-server.ts';
import type { Cloud } from './stage/cloud.ts';
import { NoSeam } from './case.ts';
import { isMap, listAt, mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** Status of an injected error. The source injects bare errors; this one no client repeats or remembers. */
const STATUS = 400;

/** Ids of the identities that exist, in lower case; undefined where the surroundings name none. */
export function existingIdentities(given: DataMap): ReadonlySet<string> | undefined {
  const identities = listAt(mapAt(given, 'arm'), 'identities').filter(isMap);
  if (identities.length === 0) return undefined;
  const subscription = textAt(mapAt(given, 'cloudConfig'), 'subscriptionId');
  const idOf = (one: DataMap): string =>
    `/subscriptions/${subscription}/resourcegroups/${textAt(one, 'resourceGroup')}` +
    `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${textAt(one, 'name')}`;
  return new Set(identities.map((one) => idOf(one).toLowerCase()));
}

/** The failures in force. */
export class CaseFaults {
  readonly #faults = new Map<string, { readonly on: string; readonly message: string; left: number }>();

  /** Puts itself between a world and its answers. `existing`: the only identities there are, in lower case; undefined: all there can be. */
  constructor(cloud: Cloud, server: ApiServer, existing: ReadonlySet<string> | undefined) {
    cloud.refuse = ({ op, adds }) => {
      const message = op === 'PATCH' ? this.#take('arm.patch') : undefined;
      if (message !== undefined) return { status: STATUS, code: '', message };
      const missing = existing && adds.find((id) => !existing.has(id.toLowerCase()));
      if (missing === undefined) return undefined;
      return { status: STATUS, code: 'FailedIdentityOperation', message: `Identity '${missing}' does not exist` };
    };
    server.refuse = ({ verb }) => (verb === 'delete' && this.#take('kube.delete') !== undefined ? STATUS : undefined);
  }

  /** Begins a failure. */
  add(fault: DataMap): void {
    const on = textAt(fault, 'on');
    if (on !== 'arm.patch' && on !== 'kube.delete') throw new NoSeam(`failures of ${on} are not known`);
    if (on === 'kube.delete' && textAt(fault, 'kind') !== 'AzureAssignedIdentity')
      throw new NoSeam('only AzureAssignedIdentities have a server');
    const { times } = fault;
    this.#faults.set(textAt(fault, 'id'), {
      on,
      message: textAt(mapAt(fault, 'error'), 'message'),
      left: typeof times === 'number' ? times : Infinity,
    });
  }

  /** Ends a failure. */
  clear(id: string): void {
    this.#faults.delete(id);
  }

  #take(on: string): string | undefined {
    for (const fault of this.#faults.values()) {
      if (fault.on !== on || fault.left <= 0) continue;
      fault.left -= 1;
      return fault.message;
    }
    return undefined;
  }
}
