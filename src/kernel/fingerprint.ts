/**
 * The run's rolling hash: two 32-bit lanes over what was delivered, equal for equal histories whatever observed them.
 *
 * Ingredients, always: time, receiver, message type, link. With `deep` also the payload, for tests.
 */
import { hashString, mix } from './random.ts';

/** State of a fingerprint. */
export interface FingerprintState {
  readonly high: number;
  readonly low: number;
  readonly count: number;
}

/** Accumulates the hash of a run. */
export class Fingerprint {
  #high = 0x9e3779b9;
  #low = 0x85ebca6b;
  #count = 0;

  /** Adds one delivery. `receiver`, `kind` and `link` are hashes of the names. */
  add(at: number, receiver: number, kind: number, link: number): void {
    const low = at >>> 0;
    const high = Math.floor(at / 4294967296) >>> 0;
    this.#high = mix(mix(this.#high, low), mix(receiver, kind));
    this.#low = mix(mix(this.#low, high ^ kind), mix(link, low));
    this.#count += 1;
  }

  /** Adds a payload, for deep fingerprints. */
  addPayload(payload: unknown): void {
    const hash = hashString(stableText(payload));
    this.#high = mix(this.#high, hash);
    this.#low = mix(this.#low, hash ^ 0x27d4eb2f);
  }

  /** Sixteen hexadecimal digits and the number of events. */
  get text(): string {
    return `${hex(this.#high)}${hex(this.#low)}/${String(this.#count)}`;
  }

  snapshot(): FingerprintState {
    return { high: this.#high, low: this.#low, count: this.#count };
  }

  restore(state: FingerprintState): void {
    this.#high = state.high;
    this.#low = state.low;
    this.#count = state.count;
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** One text for equal plain data, whatever the order of keys. */
function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${stableText(field)}`).join(',')}}`;
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}
