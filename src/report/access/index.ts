/** Who could get a token that is not his, and who could not get his own: by pod, identity and cause. */
import type { AccessSection } from '../document/index.ts';
import type { Run, Stamped, Watcher, Write } from '../watcher.ts';
import { EXPOSURE_CAUSE_NAMES, OUTAGE_CAUSE_NAMES } from './causes.ts';
import { Exposure } from './exposure.ts';
import type { LedgerEntry } from './ledger.ts';
import { Outage } from './outage.ts';

/** Entries shown one by one; all count in the sums. */
const SHOWN = 100;

/** Watches both. */
export class Access implements Watcher {
  readonly exposure: Exposure;
  readonly outage: Outage;
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
    this.exposure = new Exposure(run);
    this.outage = new Outage(run);
  }

  onFact(stamped: Stamped): void {
    this.exposure.onFact(stamped);
    this.outage.onFact(stamped);
  }

  onWrite(write: Write): void {
    this.exposure.onWrite(write);
    this.outage.onWrite(write);
  }

  onSettled(at: Stamped['at']): void {
    this.exposure.onSettled(at);
  }

  section(): AccessSection {
    const { now } = this.#run;
    const exposed = this.exposure.entries(now);
    const failed = this.outage.entries(now);
    return {
      exposure: {
        podUs: this.exposure.podTime(now),
        tokens: this.exposure.tokens,
        causes: EXPOSURE_CAUSE_NAMES.map((cause) => {
          const { us, tokens, pods } = sumOf(exposed, cause);
          return { cause, us, tokens, pods };
        }),
        entries: exposed.slice(0, SHOWN).map(({ pod, identity, cause, us, tokens, firstAt, lastAt }) => {
          return { pod, identity: this.#nameOf(identity), cause, us, tokens, firstUs: firstAt, lastUs: lastAt };
        }),
        notShown: Math.max(0, exposed.length - SHOWN),
      },
      outage: {
        us: failed.reduce((sum, entry) => sum + entry.us, 0),
        failed: failed.reduce((sum, entry) => sum + entry.tokens, 0),
        causes: OUTAGE_CAUSE_NAMES.map((cause) => {
          const { us, tokens, pods } = sumOf(failed, cause);
          return { cause, us, failed: tokens, pods };
        }),
        entries: failed.slice(0, SHOWN).map(({ pod, identity, cause, us, tokens, firstAt, lastAt }) => {
          return { pod, identity: this.#nameOf(identity), cause, us, failed: tokens, firstUs: firstAt, lastUs: lastAt };
        }),
        notShown: Math.max(0, failed.length - SHOWN),
      },
    };
  }

  /** Name of the principal of a client id; the id itself where there is none, `''` for the default identity. */
  #nameOf(clientId: string): string {
    return this.#run.table('servicePrincipals').by('app', clientId)[0]?.displayName ?? clientId;
  }
}

function sumOf<C extends string>(
  entries: readonly LedgerEntry<C>[],
  cause: C,
): { readonly us: number; readonly tokens: number; readonly pods: number } {
  const own = entries.filter((entry) => entry.cause === cause);
  return {
    us: own.reduce((sum, entry) => sum + entry.us, 0),
    tokens: own.reduce((sum, entry) => sum + entry.tokens, 0),
    pods: new Set(own.map(({ pod }) => pod)).size,
  };
}
