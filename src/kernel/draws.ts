/** Draws of knobs and of choices: which stream, for whom, the how-many-th; the mapping to values is the knob source's. */
import type { DrawableKnobName, Vocabulary } from './vocabulary.ts';
import { Randomness, hashString, mix } from './random.ts';
import type { RandomnessSnapshot } from './random.ts';
import type { WorldDefinition } from './world.ts';

/** State of the draws that a snapshot keeps. */
export interface DrawsSnapshot {
  readonly randomness: RandomnessSnapshot;
  readonly coins: number;
}

/** All randomness of a run. */
export class Draws<V extends Vocabulary> {
  /** Whether no watch ever lags, so that views need no arithmetic. */
  readonly isLagless: boolean;
  readonly #random: Randomness;
  readonly #world: WorldDefinition<V>;
  readonly #lagStream: string;
  #coins = 0;

  constructor(seed: string, world: WorldDefinition<V>) {
    this.#random = new Randomness(seed);
    this.#world = world;
    this.#lagStream = `lag/${world.watchLag}`;
    this.isLagless = Number(world.knobs.sample(world.watchLag, 0.999)) === 0 && Number(world.knobs.sample(world.watchLag, 0.5)) === 0;
  }

  draw<N extends DrawableKnobName<V>>(name: N, subject: string): V['knobs'][N] {
    return this.#world.knobs.sample(name, this.#random.uniform(name, subject));
  }

  drawAt<N extends DrawableKnobName<V>>(name: N, subject: string, n: number): V['knobs'][N] {
    return this.#world.knobs.sample(name, this.#random.uniformAt(name, hashString(subject), n));
  }

  uniform(stream: string, subject: string): number {
    return this.#random.uniform(`choice/${stream}`, subject);
  }

  /** Lag of one journal entry for one watcher [µs], bounded by the longest lag of the world. */
  lag(watcher: number, entry: number): number {
    if (this.isLagless) return 0;
    const lag = Number(this.#world.knobs.sample(this.#world.watchLag, this.#random.uniformAt(this.#lagStream, mix(watcher, entry), 0)));
    return Math.min(lag, this.#world.longestWatchLag);
  }

  /** A stateless draw about a stream: its sessions, its losses. */
  ofStream(name: DrawableKnobName<V>, stream: number, n: number): number {
    return Number(this.#world.knobs.sample(name, this.#random.uniformAt(`stream/${name}`, stream, n)));
  }

  /** The next tie-breaking coin: 46 bits, from a stream of its own. */
  coin(): number {
    this.#coins += 1;
    return Math.floor(this.#random.coin(this.#coins) * 70368744177664);
  }

  snapshot(): DrawsSnapshot {
    return { randomness: this.#random.snapshot(), coins: this.#coins };
  }

  restore(snapshot: DrawsSnapshot): void {
    this.#random.restore(snapshot.randomness);
    this.#coins = snapshot.coins;
  }
}
