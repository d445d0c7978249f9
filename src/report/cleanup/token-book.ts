/** Which tokens are out in the world: by principal, and the last ones each process got. A token works until it expires, whatever is deleted. */
import type { Moment } from '../../kernel/time.ts';
import type { Stamped, Watcher } from '../watcher.ts';

/** A token as far as cleanup cares. */
export interface IssuedToken {
  readonly uti: string;
  readonly objectId: string;
  readonly expiresAt: Moment;
}

/** How often expired tokens are dropped [tokens issued]. */
const SWEEP_EVERY = 4096;

/** Every token that has not expired. */
export class TokenBook implements Watcher {
  readonly #byUti = new Map<string, IssuedToken>();
  /** Process, then principal: its last token. */
  readonly #byProcess = new Map<string, Map<string, string>>();
  #sinceSweep = 0;

  onFact({ fact, at }: Stamped): void {
    if (fact.type === 'aad-token-issued') {
      this.#byUti.set(fact.uti, { uti: fact.uti, objectId: fact.objectId, expiresAt: fact.expiresAt });
      this.#sinceSweep += 1;
      if (this.#sinceSweep >= SWEEP_EVERY) this.#sweep(at);
    } else if (fact.type === 'token-answered') {
      const own = this.#byProcess.get(fact.pod) ?? new Map<string, string>();
      own.set(fact.objectId, fact.uti);
      this.#byProcess.set(fact.pod, own);
    }
  }

  /** Tokens of a principal that still work. */
  ofPrincipal(objectId: string, at: Moment): readonly IssuedToken[] {
    return this.live(at).filter((token) => token.objectId === objectId);
  }

  /** Last tokens of a process that still work; forgets the process. */
  takeOfProcess(process: string, at: Moment): readonly IssuedToken[] {
    const own = this.#byProcess.get(process);
    this.#byProcess.delete(process);
    return [...(own?.values() ?? [])].flatMap((uti) => {
      const token = this.#byUti.get(uti);
      return token !== undefined && token.expiresAt > at ? [token] : [];
    });
  }

  /** All tokens that still work. */
  live(at: Moment): readonly IssuedToken[] {
    return [...this.#byUti.values()].filter((token) => token.expiresAt > at);
  }

  #sweep(at: Moment): void {
    this.#sinceSweep = 0;
    for (const [uti, token] of this.#byUti) if (token.expiresAt <= at) this.#byUti.delete(uti);
  }
}
