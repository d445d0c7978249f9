/**
 * Named streams of randomness: the n-th draw of a stream for a subject, found by hashing and not by stepping a generator.
 *
 * A stream's root comes from the seed by `seedrandom.alea`. A draw is the block cipher Threefry-2x32 (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011; 20 rounds), keyed by root and subject, applied to n. So one more draw for one
 * subject moves no draw of another, and all there is to keep is a counter per (stream, subject). See docs/adr/0003.
 */
import seedrandom from 'seedrandom';
import { DrawCounters } from './draw-counters.ts';
import type { DrawCountersSnapshot } from './draw-counters.ts';

export { cdf, meanOf, sample, validateSampler } from './sampler.ts';
export type { Sampler } from './sampler.ts';

/** 64 random bits that a stream starts from, as two unsigned 32-bit halves. */
export interface Root {
  readonly low: number;
  readonly high: number;
}

/** Counters of all draws so far; plain data, valid for any {@link Randomness} of the same seed. */
export interface RandomnessSnapshot {
  readonly seed: string;
  readonly counters: DrawCountersSnapshot;
}

/** Murmur3's two multipliers and finaliser constants, and the golden ratio; all odd, so multiplying loses nothing. */
const GOLDEN = 0x9e37_79b9;
const FINAL_A = 0x85eb_ca6b;
const FINAL_B = 0xc2b2_ae35;

/** Threefry's key parity constant. */
const PARITY = 0x1bd1_1bda;

/** Keeps stateless draws apart from the subject keys, which the same root enciphers. */
const STATELESS = 0x5bd1_e995;

/** Name of the stream that breaks ties in runs with shuffled ties. */
const COIN_STREAM = 'kernel/ties';

const TWO_TO_32 = 4294967296;
const TWO_TO_26 = 67108864;
const TWO_TO_52 = 4503599627370496;

/** Output of {@link encipher}; module variables spare an allocation per draw. Written and read within one call, never kept. */
let outLow = 0;
let outHigh = 0;
/** Output of {@link hashLanes}, likewise. */
let laneLow = 0;
let laneHigh = 0;

/** Hash of a text [unsigned 32 bits]: every bit of every code unit reaches every bit of the hash. Not cryptographic. */
export function hashString(text: string): number {
  let hash = text.length;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FINAL_A);
    hash ^= hash >>> 15;
  }
  return finalise(hash) >>> 0;
}

/** Hash of two 32-bit integers [unsigned 32 bits]; the order matters; for either argument fixed, no two others collide. */
export function mix(a: number, b: number): number {
  return finalise(finalise((a + GOLDEN) | 0) ^ b) >>> 0;
}

/** The random numbers of one run. */
export class Randomness {
  readonly #seed: string;
  readonly #roots = new Map<string, Root>();
  readonly #counters = new DrawCounters();
  #coin: Root | undefined;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Root of a stream: a function of seed and name alone. */
  root(stream: string): Root {
    return this.#roots.get(stream) ?? this.#openStream(stream);
  }

  /**
   * The next draw of a stream for a subject, uniform in the open interval (0, 1), with 52 random bits.
   * Throws RangeError after 2^32 - 1 draws for one subject.
   */
  uniform(stream: string, subject: string): number {
    const { low, high } = this.root(stream);
    hashLanes(subject);
    encipher(low, high, laneLow, laneHigh);
    const keyLow = outLow;
    const keyHigh = outHigh;
    encipher(keyLow, keyHigh, this.#counters.next(keyLow, keyHigh), 0);
    return outAsUniform();
  }

  /**
   * A draw that counts nothing: the same arguments always give the same value, whatever was drawn before. Not the values of
   * {@link uniform}: the two may be used side by side. `subjectHash` and `n` are unsigned 32-bit integers.
   */
  uniformAt(stream: string, subjectHash: number, n: number): number {
    const { low, high } = this.root(stream);
    encipher(low ^ STATELESS, high, n, subjectHash);
    return outAsUniform();
  }

  /** The n-th toss of the coin that breaks ties: an integer of 48 bits, from a stream of its own. Stateless; n below 2^53. */
  coin(n: number): number {
    this.#coin ??= this.root(COIN_STREAM);
    encipher(this.#coin.low, this.#coin.high, n, Math.floor(n / TWO_TO_32));
    return (outLow >>> 0) + (outHigh >>> 16) * TWO_TO_32;
  }

  /** Counters as they stand. Costs a copy of some 30 bytes per (stream, subject) seen. */
  snapshot(): RandomnessSnapshot {
    return { seed: this.#seed, counters: this.#counters.snapshot() };
  }

  /** Goes back to a snapshot of this run or of another of the same seed. Throws if the seed differs. */
  restore(snapshot: RandomnessSnapshot): void {
    if (snapshot.seed !== this.#seed) throw new Error(`a snapshot of seed "${snapshot.seed}" does not fit seed "${this.#seed}"`);
    this.#counters.restore(snapshot.counters);
  }

  #openStream(name: string): Root {
    const generator = seedrandom.alea(`${this.#seed}/${name}`);
    const root: Root = { low: generator.int32() >>> 0, high: generator.int32() >>> 0 };
    this.#roots.set(name, root);
    return root;
  }
}

/** 52 of the 64 bits as the middle of one of 2^52 equal intervals: never 0, never 1, symmetric about 1/2. */
function outAsUniform(): number {
  return ((outHigh >>> 6) * TWO_TO_26 + (outLow >>> 6) + 0.5) / TWO_TO_52;
}

/** Threefry-2x32 with 20 rounds: enciphers the block (x0, x1) under the key (k0, k1) into (outLow, outHigh). All words mod 2^32. */
function encipher(k0: number, k1: number, block0: number, block1: number): void {
  const k2 = PARITY ^ k0 ^ k1;
  let x0 = (block0 + k0) | 0;
  let x1 = (block1 + k1) | 0;
  // Five groups of four rounds with alternating rotations; after each group, the next two of the three key words and its number.
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k1) | 0;
  x1 = (x1 + k2 + 1) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k2) | 0;
  x1 = (x1 + k0 + 2) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k0) | 0;
  x1 = (x1 + k1 + 3) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
  x0 = (x0 + k1) | 0;
  x1 = (x1 + k2 + 4) | 0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
  x0 = (x0 + x1) | 0;
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
  x0 = (x0 + k2) | 0;
  x1 = (x1 + k0 + 5) | 0;
  outLow = x0;
  outHigh = x1;
}

/** Hash of a text in two lanes with different bases and multipliers, which make 64 bits, into (laneLow, laneHigh). */
function hashLanes(text: string): void {
  let low = text.length;
  let high = GOLDEN ^ text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, FINAL_A);
    low ^= low >>> 15;
    high = Math.imul(high ^ unit, FINAL_B);
    high ^= high >>> 15;
  }
  laneLow = finalise(low) >>> 0;
  laneHigh = finalise(high) >>> 0;
}

/** Murmur3's finaliser: a bijection of 32-bit words in which each input bit flips each output bit half of the time. */
function finalise(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), FINAL_A);
  hash = Math.imul(hash ^ (hash >>> 13), FINAL_B);
  return hash ^ (hash >>> 16);
}
