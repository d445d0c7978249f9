/** Which tokens are out in the world: by principal, and the last ones each process got. A token works until it expires, whatever is deleted. */
import type { Moment } from '../../kernel/time.ts';
import { grantKey, SYSTEM } from '../../model/identity-grant.ts';
import type { Run, Stamped, Watcher } from '../watcher.ts';

/** A token as far as cleanup cares. */
export interface IssuedToken {
  readonly uti: string;
  readonly objectId: string;
  readonly expiresAt: Moment;
}

/** A token that IMDS keeps on a machine. */
export interface KeptToken {
  readonly vm: string;
  readonly token: IssuedToken;
  /** The stay of its identity on the machine (its grant's incarnation) in which IMDS last handed it out. */
  readonly stay: number;
}

/** How often expired tokens are dropped [tokens issued]. */
const SWEEP_EVERY = 4096;

/** Every token that has not expired. */
export class TokenBook implements Watcher {
  readonly #byUti = new Map<string, IssuedToken>();
  /** Process, then principal: its last token. */
  readonly #byProcess = new Map<string, Map<string, string>>();
  /** Machine, audience and principal of the last answer of IMDS to each process. */
  readonly #answeredBy = new Map<string, { readonly vm: string; readonly slot: string; readonly stay: number }>();
  /** What the IMDS of each machine keeps: one token for a principal and an audience. */
  readonly #inImds = new Map<string, { readonly vm: string; readonly uti: string; readonly stay: number }>();
  readonly #run: Run;
  #sinceSweep = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  onFact({ fact, at }: Stamped): void {
    if (fact.type === 'aad-token-issued') {
      this.#byUti.set(fact.uti, { uti: fact.uti, objectId: fact.objectId, expiresAt: fact.expiresAt });
      this.#sinceSweep += 1;
      if (this.#sinceSweep >= SWEEP_EVERY) this.#sweep(at);
    } else if (fact.type === 'imds-answered' && fact.status === 200) {
      const slot = `${fact.vm}|${fact.objectId}|${fact.resource}`;
      this.#answeredBy.set(fact.sender, { vm: fact.vm, slot, stay: this.#stayOf(fact.vm, fact.objectId) });
    } else if (fact.type === 'token-answered') {
      const answered = fact.servedBy === 'imds' || fact.servedBy === 'nmi' ? this.#answeredBy.get(fact.pod) : undefined;
      if (answered !== undefined) this.#inImds.set(answered.slot, { vm: answered.vm, uti: fact.uti, stay: answered.stay });
      const own = this.#byProcess.get(fact.pod) ?? new Map<string, string>();
      own.set(fact.objectId, fact.uti);
      this.#byProcess.set(fact.pod, own);
    }
  }

  /** Tokens of a principal that still work. */
  ofPrincipal(objectId: string, at: Moment): readonly IssuedToken[] {
    return this.live(at).filter((token) => token.objectId === objectId);
  }

  /** Last tokens of a process that still work. */
  ofProcess(process: string, at: Moment): readonly IssuedToken[] {
    return [...(this.#byProcess.get(process)?.values() ?? [])].flatMap((uti) => {
      const token = this.#byUti.get(uti);
      return token !== undefined && token.expiresAt > at ? [token] : [];
    });
  }

  /** The same; forgets the process. */
  takeOfProcess(process: string, at: Moment): readonly IssuedToken[] {
    const tokens = this.ofProcess(process, at);
    this.#byProcess.delete(process);
    this.#answeredBy.delete(process);
    return tokens;
  }

  /** Tokens that work and that the IMDS of some machine keeps. */
  keptByImds(at: Moment): readonly KeptToken[] {
    return [...this.#inImds.values()].flatMap(({ vm, uti, stay }) => {
      const token = this.#byUti.get(uti);
      return token !== undefined && token.expiresAt > at ? [{ vm, token, stay }] : [];
    });
  }

  /** All tokens that still work. */
  live(at: Moment): readonly IssuedToken[] {
    return [...this.#byUti.values()].filter((token) => token.expiresAt > at);
  }

  /** The present stay of an identity on a machine; 1 for what the tables do not know. */
  #stayOf(vm: string, objectId: string): number {
    const resource = this.#run.table('virtualMachines').get(vm)?.resource ?? '';
    const principal = this.#run.table('servicePrincipals').get(objectId);
    const identity = principal?.kind === 'userAssigned' ? principal.resourceId.toLowerCase() : SYSTEM;
    return this.#run.table('identityGrants').get(grantKey(resource, identity))?.incarnation ?? 1;
  }

  #sweep(at: Moment): void {
    this.#sinceSweep = 0;
    for (const [uti, token] of this.#byUti) if (token.expiresAt <= at) this.#byUti.delete(uti);
    for (const [slot, { uti }] of this.#inImds) if (!this.#byUti.has(uti)) this.#inImds.delete(slot);
  }
}
