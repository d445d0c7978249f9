/** Failures a recording asks for: counted ones are used up in their order, standing ones hold until cleared. */
import type { ApiServer, AssignedVerb } from '../stage/api-server.ts';
import type { Cloud, CloudQuestion, Refusal } from '../stage/cloud.ts';
import { byText } from '../stage/control-plane.ts';
import type { BadIdentityFault, CountedArmFault, KubeFault, VectorStep } from './vector.ts';

/** The failures in force. */
export class Faults {
  #counted: { readonly fault: CountedArmFault; left: number }[] = [];
  #bad: BadIdentityFault[] = [];
  #kube: { readonly fault: KubeFault; left: number }[] = [];

  /** Puts itself between a world and its answers. */
  constructor(cloud: Cloud, server: ApiServer) {
    cloud.refuse = (question) => this.#armRefusal(question);
    server.refuse = ({ verb, name }) => this.#kubeRefusal(verb, name);
  }

  /** Adds what a step asks for. */
  add({ arm, kube }: NonNullable<VectorStep['fault']>): void {
    if (arm !== undefined && 'badIdentities' in arm) this.#bad.push(arm);
    else if (arm !== undefined) this.#counted.push({ fault: arm, left: arm.count });
    if (kube !== undefined) this.#kube.push({ fault: kube, left: kube.name === undefined ? Infinity : (kube.count ?? 1) });
  }

  /** Forgets all failures of that side. */
  clear(side: 'arm' | 'kube'): void {
    if (side === 'kube') this.#kube = [];
    else [this.#counted, this.#bad] = [[], []];
  }

  #armRefusal(question: CloudQuestion): Refusal | undefined {
    const { kind, name, op } = question;
    const counted = this.#counted.find(
      ({ fault, left }) =>
        left > 0 && fault.op === op && fault.resource.kind === kind && fault.resource.name.toLowerCase() === name.toLowerCase(),
    );
    if (counted !== undefined) {
      counted.left -= 1;
      return counted.fault;
    }
    for (const fault of this.#bad) {
      const bad = new Set(fault.badIdentities.map((id) => id.toLowerCase()));
      const hit = question.adds.filter((id) => bad.has(id.toLowerCase())).sort(byText);
      if (hit.length > 0) return { ...fault, message: fault.message.replace('{ids}', namedIn(fault, hit)) };
    }
    return undefined;
  }

  #kubeRefusal(verb: AssignedVerb, name: string): number | undefined {
    const spelled = verb === 'statusPatch' ? 'patchStatus' : verb;
    const found = this.#kube.find(
      ({ fault, left }) => left > 0 && fault.verb === spelled && (fault.name === undefined || fault.name === name),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault.code;
  }
}

function namedIn(fault: BadIdentityFault, ids: readonly string[]): string {
  return fault.report === 'first' ? (ids[0] ?? '') : ids.join(',');
}
