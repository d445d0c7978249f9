/**
 * The hold model: N events pending; take the earliest, schedule another an exponential time later, and again.
 *
 * This file drives; peers do. Each peer runs the same job with the same numbers, and rounds interleave the peers, so that what else the
 * machine does falls on all of them. Figures are medians of rounds; a ratio is the median of the rounds' own ratios.
 */

/** What one run of a peer is asked to do. */
export interface HoldJob {
  /** Events pending throughout. */
  readonly pending: number;
  /** Pops and pushes that are timed; a quarter as many go before, untimed. */
  readonly operations: number;
  /** Whether each increment is drawn in the loop, or read from a table of 65536 made before. */
  readonly increments: 'drawn' | 'prepared';
}

/** Something that can do the job. */
export interface HoldPeer {
  readonly name: string;
  /** Does the job and answers the time it took [s]. Rejects when it cannot, with the reason. */
  readonly run: (job: HoldJob) => number;
  /** Share of the operations that suffices for a slow peer, 0 to 1. */
  readonly share?: number;
}

/** Result of one peer at one size. */
export interface HoldResult {
  readonly peer: string;
  readonly pending: number;
  /** Median [million events per second]. */
  readonly rate: number;
  /** Median of each round's rate divided by the baseline's rate of that round; undefined without a baseline. */
  readonly ratio: number | undefined;
}

/** Runs every peer once a round. `baseline` names the peer that ratios refer to. */
export function measureHold(
  peers: readonly HoldPeer[],
  job: HoldJob,
  plan: { readonly rounds: number; readonly baseline: string },
): HoldResult[] {
  const rates = peers.map((): number[] => []);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [index, peer] of peers.entries()) {
      const operations = Math.round(job.operations * (peer.share ?? 1));
      rates[index]?.push(operations / peer.run({ ...job, operations }) / 1e6);
    }
  }
  const base = rates[peers.findIndex((peer) => peer.name === plan.baseline)];
  return peers.map((peer, index) => {
    const own = rates[index] ?? [];
    const ratio = base === undefined ? undefined : median(own.map((rate, round) => rate / (base[round] ?? Number.NaN)));
    return { peer: peer.name, pending: job.pending, rate: median(own), ratio };
  });
}

/** Middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Increments as all peers make them: a linear congruential generator, -ln u, mean 1,000 µs per pending event, whole microseconds. */
export const LCG_MULTIPLIER = 1664525;
export const LCG_INCREMENT = 1013904223;
export const TABLE_SIZE = 65536;

/** Exponential increment [µs] from the state of the generator. */
export function increment(state: number, mean: number): number {
  return Math.floor(-Math.log(((state >>> 8) + 0.5) / 16777216) * mean);
}

/** Next state of the generator [unsigned 32 bits]. */
export function nextState(state: number): number {
  return (Math.imul(state, LCG_MULTIPLIER) + LCG_INCREMENT) >>> 0;
}

/** The table of prepared increments. */
export function preparedIncrements(mean: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: TABLE_SIZE }, () => {
    state = nextState(state);
    return increment(state, mean);
  });
}

/** A tie key as it might come from a hash of names. */
export function tieKey(sequence: number): number {
  return Math.imul(sequence, 2654435761) >>> 0;
}
