/** Failures that a case asks for by id, until they are used up or cleared. */
import type { ApiServer } from './stage/api-server.ts';
import type { Cloud } from './stage/cloud.ts';
import { NoSeam } from './case.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** Status of an injected error. The source injects bare errors; this one no client repeats or remembers. */
const STATUS = 400;

/** The failures in force. */
export class CaseFaults {
  readonly #faults = new Map<string, { readonly on: string; readonly message: string; left: number }>();

  /** Puts itself between a world and its answers. */
  constructor(cloud: Cloud, server: ApiServer) {
    cloud.refuse = ({ op }) => {
      const message = op === 'PATCH' ? this.#take('arm.patch') : undefined;
      return message === undefined ? undefined : { status: STATUS, code: 'Injected', message };
    };
    server.refuse = ({ verb }) => (verb === 'delete' && this.#take('kube.delete') !== undefined ? STATUS : undefined);
  }

  /** Begins a failure. */
  add(fault: DataMap): void {
    const on = textAt(fault, 'on');
    if (on !== 'arm.patch' && on !== 'kube.delete') throw new NoSeam(`failures of ${on} are not known`);
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
