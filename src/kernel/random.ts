/**
 * Named streams of randomness: the n-th draw of a stream for a subject, found by hashing and not by stepping a generator.
 *
 * A stream's root comes from the seed by `seedrandom.alea`. A draw is the block cipher Threefry-2x32 (Salmon, Moraes, Dror, Shaw,
 * "Parallel random numbers: as easy as 1, 2, 3", 2011; 20 rounds), keyed by root and subject, applied to n. So one more draw for one
 * subject moves no draw of another, and all there is to keep is a counter per (stream, subject). See docs/adr/0003.
 */
import seedrandom from 'seedrandom';

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
  /** Names of the cells; shared and append-only, so a snapshot reads just as many as it has counts. */
  readonly cells: readonly CellName[];
  /** Draws made, per cell. */
  readonly counts: Uint32Array;
}

/** What a counter counts: draws of one stream for one subject. */
export interface CellName {
  readonly stream: string;
  readonly subject: string;
}

interface Stream {
  readonly root: Root;
  /** Cell number by subject. */
  readonly cells: Map<string, number>;
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

/** Hash of a text [unsigned 32 bits]: every bit of every code unit reaches every bit of the hash. Not cryptographic. */
export function hashString(text: string): number {
  return hashLane(text, 0, FINAL_A);
}

/** Hash of two 32-bit integers [unsigned 32 bits]; the order matters; for either argument fixed, no two others collide. */
export function mix(a: number, b: number): number {
  return finalise(finalise((a + GOLDEN) | 0) ^ b) >>> 0;
}

/** The random numbers of one run. */
export class Randomness {
  readonly #seed: string;
  readonly #streams = new Map<string, Stream>();
  /** Names of the cells in order of their first draw; append-only, also over restores. */
  readonly #names: CellName[] = [];
  /** Key of each cell, as pairs of words. */
  #keys = new Uint32Array(128);
  #counts = new Uint32Array(64);
  #coin: Root | undefined;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Root of a stream: a function of seed and name alone. */
  root(stream: string): Root {
    return this.#streamOf(stream).root;
  }

  /**
   * The next draw of a stream for a subject, uniform in the open interval (0, 1), with 52 random bits.
   * Throws RangeError after 2^32 - 1 draws for one subject.
   */
  uniform(stream: string, subject: string): number {
    const cell = this.#streamOf(stream).cells.get(subject) ?? this.#openCell(stream, subject);
    const n = this.#counts[cell] ?? 0;
    if (n === 0xffff_ffff) throw new RangeError(`stream ${stream} is exhausted for ${subject}`);
    this.#counts[cell] = n + 1;
    encipher(this.#keys[2 * cell] ?? 0, this.#keys[2 * cell + 1] ?? 0, n, 0);
    return outAsUniform();
  }

  /**
   * A draw that counts nothing: the same arguments always give the same value, whatever was drawn before. Not the values of
   * {@link uniform}: the two may be used side by side. `subjectHash` and `n` are unsigned 32-bit integers.
   */
  uniformAt(stream: string, subjectHash: number, n: number): number {
    const { low, high } = this.#streamOf(stream).root;
    encipher(low ^ STATELESS, high, n, subjectHash);
    return outAsUniform();
  }

  /** The n-th toss of the coin that breaks ties: an integer of 48 bits, from a stream of its own. Stateless; n below 2^53. */
  coin(n: number): number {
    this.#coin ??= this.root(COIN_STREAM);
    encipher(this.#coin.low, this.#coin.high, n, Math.floor(n / TWO_TO_32));
    return (outLow >>> 0) + (outHigh >>> 16) * TWO_TO_32;
  }

  /** Counters as they stand. Costs a copy of four bytes per (stream, subject) seen. */
  snapshot(): RandomnessSnapshot {
    return { seed: this.#seed, cells: this.#names, counts: this.#counts.slice(0, this.#names.length) };
  }

  /** Goes back to a snapshot of this run or of another of the same seed. Throws if the seed differs. */
  restore(snapshot: RandomnessSnapshot): void {
    if (snapshot.seed !== this.#seed) throw new Error(`a snapshot of seed "${snapshot.seed}" does not fit seed "${this.#seed}"`);
    this.#counts.fill(0);
    if (snapshot.cells === this.#names) {
      this.#counts.set(snapshot.counts);
      return;
    }
    for (const [index, count] of snapshot.counts.entries()) {
      const name = snapshot.cells[index];
      if (name === undefined) throw new Error(`snapshot has no name for cell ${String(index)}`);
      const cell = this.#streamOf(name.stream).cells.get(name.subject) ?? this.#openCell(name.stream, name.subject);
      this.#counts[cell] = count;
    }
  }

  #streamOf(name: string): Stream {
    return this.#streams.get(name) ?? this.#openStream(name);
  }

  #openStream(name: string): Stream {
    const generator = seedrandom.alea(`${this.#seed}/${name}`);
    const stream: Stream = { root: { low: generator.int32() >>> 0, high: generator.int32() >>> 0 }, cells: new Map() };
    this.#streams.set(name, stream);
    return stream;
  }

  #openCell(streamName: string, subject: string): number {
    const stream = this.#streamOf(streamName);
    const cell = this.#names.length;
    if (cell === this.#counts.length) {
      this.#counts = grown(this.#counts);
      this.#keys = grown(this.#keys);
    }
    encipher(stream.root.low, stream.root.high, hashLane(subject, 0, FINAL_A), hashLane(subject, GOLDEN, FINAL_B));
    this.#keys[2 * cell] = outLow;
    this.#keys[2 * cell + 1] = outHigh;
    this.#names.push({ stream: streamName, subject });
    stream.cells.set(subject, cell);
    return cell;
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

/** One 32-bit hash of a text. Two lanes with different bases and multipliers make 64 bits. */
function hashLane(text: string, basis: number, multiplier: number): number {
  let hash = basis ^ text.length;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), multiplier);
    hash ^= hash >>> 15;
  }
  return finalise(hash) >>> 0;
}

/** Murmur3's finaliser: a bijection of 32-bit words in which each input bit flips each output bit half of the time. */
function finalise(word: number): number {
  let hash = word;
  hash = Math.imul(hash ^ (hash >>> 16), FINAL_A);
  hash = Math.imul(hash ^ (hash >>> 13), FINAL_B);
  return hash ^ (hash >>> 16);
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}
