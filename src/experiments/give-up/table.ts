/**
 * When token clients give up: each client against each state of the node, out of runs in which nothing else takes time.
 *
 * Follows the schedules of the clients that were read (`model/token-client/profiles.ts`) and NMI's own waits (80 s, 100 s, 112 s).
 */
import { seconds } from '../../kernel/time.ts';
import type { ProfileName } from '../../model/token-client/profiles.ts';
import { PROFILES } from '../../model/token-client/profiles.ts';
import { askOnce } from './world.ts';
import type { Ending, Meeting } from './world.ts';

/** A cell: the band over all seeds. Both ends are the same where no chance is in it. */
export interface GiveUpCell {
  readonly client: ProfileName;
  readonly outcome: Ending['outcome'];
  /** [s] */
  readonly lowS: number;
  readonly highS: number;
  readonly tries: number;
}

/** A row: what the client meets, and how each of them fares. */
interface GiveUpRow {
  readonly name: string;
  /** One sentence. */
  readonly meets: string;
  readonly cells: readonly GiveUpCell[];
}

/** The whole table. */
export interface GiveUpTable {
  readonly clients: readonly { readonly name: ProfileName; readonly title: string }[];
  readonly seeds: number;
  readonly rows: readonly GiveUpRow[];
}

/** The clients of the table, as columns. */
const GIVE_UP_CLIENTS: readonly ProfileName[] = ['js414', 'js34', 'goLatest', 'adalGo'];

const plain: Meeting = { overrides: {}, identity: 'attached', nmi: 'serving', rules: {}, retryAfter: 'no' };
const assigned: Meeting = { ...plain, assigned: 'Assigned' };
const QUICK_LOOKS = { 'nmi.lookup.createdAttempts': 1, 'nmi.lookup.assignedAttempts': 1, 'nmi.lookup.interval': '1s' };

/** What clients meet, by name of the row. */
export const MEETINGS: Readonly<Record<string, { readonly meets: string; readonly meeting: Meeting }>> = {
  neverCreated: { meets: 'no AzureAssignedIdentity ever comes: NMI answers 404 after 80 s', meeting: plain },
  stuckCreated: { meets: 'it stays Created: NMI answers 404 after 100 s', meeting: { ...plain, assigned: 'Created' } },
  assignedAt42: {
    meets: 'it becomes Assigned after 42 s: found at the next look',
    meeting: { ...plain, assigned: 'Created', assignedAt: seconds(42) },
  },
  assignedAt72: {
    meets: 'it becomes Assigned after 72 s: past a time-out of 60 s',
    meeting: { ...plain, assigned: 'Created', assignedAt: seconds(72) },
  },
  retryAfter: {
    meets: 'NMI with Retry-After and looks 1, 1, 1 s, none ever: 503 after 1 s',
    meeting: { ...plain, overrides: QUICK_LOOKS, retryAfter: 'yes' },
  },
  imds400: { meets: 'IMDS does not know the identity: NMI answers 403 at once', meeting: { ...assigned, identity: 'missing' } },
  imds5xx: {
    meets: 'IMDS answers 500 (or 404, 410, 429) for ever: NMI answers 403 after 112 s',
    meeting: { ...assigned, overrides: { 'imds.error5xx.prob': 1 } },
  },
  nmiDead: { meets: 'NMI is dead and its rules are in: refused at once', meeting: { ...assigned, nmi: 'dead' } },
  dropped: { meets: "packets to NMI's address vanish", meeting: { ...assigned, rules: { policy: 'dropsListener' } } },
};

/** Default number of seeds for cells with jitter [1]. */
const GIVE_UP_SEEDS = 40;

/** Runs every cell. */
export function giveUpTable(seeds: number = GIVE_UP_SEEDS, clients: readonly ProfileName[] = GIVE_UP_CLIENTS): GiveUpTable {
  const rows = Object.entries(MEETINGS).map(([name, { meets, meeting }]) => ({
    name,
    meets,
    cells: clients.map((client) => cellOf(client, meeting, seeds)),
  }));
  return { clients: clients.map((name) => ({ name, title: PROFILES[name].title })), seeds, rows };
}

function cellOf(client: ProfileName, meeting: Meeting, seeds: number): GiveUpCell {
  const endings: Ending[] = [];
  for (let n = 0; n < seeds; n += 1) {
    endings.push(askOnce(client, meeting, `give-up/${String(n)}`));
    // Without chance in it, every further run would be the same.
    if (n === 1 && endings[0]?.after === endings[1]?.after) break;
  }
  const times = endings.map(({ after }) => after / 1e6);
  const [first] = endings;
  return {
    client,
    outcome: first?.outcome ?? 'neverEnds',
    lowS: Math.min(...times),
    highS: Math.max(...times),
    tries: first?.tries ?? 0,
  };
}
