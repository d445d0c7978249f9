/** Draws: published vectors, uniformity, independence, pairing, snapshots. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Randomness, hashString, mix } from '../../src/kernel/random.ts';

const draws = (count: number, draw: (n: number) => number): number[] => Array.from({ length: count }, (_, n) => draw(n));

/** Chi-square of counts in `bins` equal bins, as a standard normal score (Wilson and Hilferty). */
function chiSquareScore(values: readonly number[], bins: number): number {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.floor(value * bins)] = (counts[Math.floor(value * bins)] ?? 0) + 1;
  const expected = values.length / bins;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const degrees = bins - 1;
  return (Math.cbrt(chiSquare / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
}

function correlationScore(a: readonly number[], b: readonly number[]): number {
  const sum = a.reduce((total, value, i) => total + (value - 0.5) * ((b[i] ?? 0) - 0.5), 0);
  return (12 * sum) / Math.sqrt(a.length);
}

function bitCount(word: number): number {
  return (word >>> 0).toString(2).replaceAll(/[^1]/gu, '').length;
}

/** Threefry-2x32 with 20 rounds, written anew from its paper in big integers. */
function threefry(key: readonly [number, number], block: readonly [number, number]): readonly [number, number] {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x);
  const [k0, k1] = [BigInt(key[0]), BigInt(key[1])];
  const keys = [k0, k1, 0x1bd11bdan ^ k0 ^ k1];
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  let [x, y] = [word(BigInt(block[0]) + k0), word(BigInt(block[1]) + k1)];
  for (let round = 0; round < 20; round += 1) {
    const by = rotations[round % 8] ?? 0n;
    x = word(x + y);
    y = word((y << by) | (y >> (32n - by))) ^ x;
    if (round % 4 !== 3) continue;
    const group = (round + 1) / 4;
    x = word(x + (keys[group % 3] ?? 0n));
    y = word(y + (keys[(group + 1) % 3] ?? 0n) + BigInt(group));
  }
  return [Number(x), Number(y)];
}

const N = 200_000;
/** Standard deviations; seeds are fixed, so these tests cannot flicker. */
const LIMIT = 4;

describe('draws of one subject', () => {
  const random = new Randomness('uniformity');
  const values = draws(N, () => random.uniform('stream', 'subject'));

  it('fill 1000 bins evenly, also by their lower bits', () => {
    expect(Math.abs(chiSquareScore(values, 1000))).toBeLessThan(LIMIT);
    expect(
      Math.abs(
        chiSquareScore(
          values.map((value) => (value * 2 ** 20) % 1),
          1000,
        ),
      ),
    ).toBeLessThan(LIMIT);
    expect(
      Math.abs(
        chiSquareScore(
          values.map((value) => (value * 2 ** 42) % 1),
          256,
        ),
      ),
    ).toBeLessThan(LIMIT);
  });
  it('have mean 1/2 and variance 1/12', () => {
    const mean = values.reduce((sum, value) => sum + value, 0) / N;
    const variance = values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / N;
    expect(Math.abs(mean - 0.5) * Math.sqrt(12 * N)).toBeLessThan(LIMIT);
    expect(Math.abs(variance - 1 / 12) * Math.sqrt(180 * N)).toBeLessThan(LIMIT);
  });

  it.each([1, 2, 3, 7, 64])('do not depend on the draw %d before', (lag) => {
    expect(Math.abs(correlationScore(values.slice(lag), values.slice(0, N - lag)))).toBeLessThan(LIMIT);
  });

  it('fill the plane of neighbouring pairs evenly in 32 by 32 cells', () => {
    const cells = draws(N / 2, (i) => (Math.floor((values[2 * i] ?? 0) * 32) + (values[2 * i + 1] ?? 0)) / 32);
    expect(Math.abs(chiSquareScore(cells, 1024))).toBeLessThan(LIMIT);
  });
});

describe('draws of different subjects, streams and seeds', () => {
  it('fill bins evenly over subjects with neighbouring names, first draw of each', () => {
    const random = new Randomness('subjects');
    expect(
      Math.abs(
        chiSquareScore(
          draws(100_000, (n) => random.uniform('stream', `node-${String(n)}`)),
          500,
        ),
      ),
    ).toBeLessThan(LIMIT);
  });

  it.each([
    ['subjects', ['one', 'a', 'node-1'], ['one', 'a', 'node-2']],
    ['streams', ['one', 'a', 'node-1'], ['one', 'b', 'node-1']],
    ['seeds', ['1', 'a', 'node-1'], ['2', 'a', 'node-1']],
  ])(
    'are uncorrelated between %s, in step and shifted by one',
    (_, [seedA = '', streamA = '', subjectA = ''], [seedB = '', streamB = '', subjectB = '']) => {
      const [left, right] = [new Randomness(seedA), new Randomness(seedB)];
      const a = draws(50_000, () => left.uniform(streamA, subjectA));
      const b = draws(50_000, () => right.uniform(streamB, subjectB));
      expect(Math.abs(correlationScore(a, b))).toBeLessThan(LIMIT);
      expect(Math.abs(correlationScore(a.slice(1), b.slice(0, -1)))).toBeLessThan(LIMIT);
    },
  );

  // Claim: draws for one subject are the same however draws for others lie between them; by random interleavings.
  it('are paired: other draws shift nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('s', 't'), fc.constantFrom('a', 'b', 'c'))), (order) => {
        const [alone, mixed] = [new Randomness('pairs'), new Randomness('pairs')];
        for (const [stream, subject] of order) {
          const value = mixed.uniform(stream, subject);
          if (stream === 's' && subject === 'a') expect(value).toBe(alone.uniform('s', 'a'));
        }
      }),
    );
  });
});

describe('stateless draws', () => {
  it('give one value per (stream, subject, n), uniform over n and over subjects', () => {
    const random = new Randomness('stateless');
    const first = random.uniformAt('s', 7, 3);
    random.uniform('s', 'x');
    expect(random.uniformAt('s', 7, 3)).toBe(first);
    expect(new Randomness('stateless').uniformAt('s', 7, 3)).toBe(first);
    expect(
      Math.abs(
        chiSquareScore(
          draws(100_000, (n) => random.uniformAt('s', 7, n)),
          500,
        ),
      ),
    ).toBeLessThan(LIMIT);
    expect(
      Math.abs(
        chiSquareScore(
          draws(100_000, (n) => random.uniformAt('s', n, 0)),
          500,
        ),
      ),
    ).toBeLessThan(LIMIT);
  });

  it('are other values than the counted draws of the same subject', () => {
    const random = new Randomness('apart');
    const counted = draws(50_000, () => random.uniform('s', 'x'));
    const stateless = draws(50_000, (n) => random.uniformAt('s', hashString('x'), n));
    expect(Math.abs(correlationScore(counted, stateless))).toBeLessThan(LIMIT);
    expect(counted.filter((value, n) => value === stateless[n])).toEqual([]);
  });

  it('toss coins of 48 bits, evenly', () => {
    const random = new Randomness('coins');
    const coins = draws(100_000, (n) => random.coin(n));
    expect(coins.every((coin) => Number.isInteger(coin) && coin >= 0 && coin < 2 ** 48)).toBe(true);
    expect(
      Math.abs(
        chiSquareScore(
          coins.map((coin) => coin / 2 ** 48),
          500,
        ),
      ),
    ).toBeLessThan(LIMIT);
    expect(random.coin(2 ** 40)).not.toBe(random.coin(0));
  });

  it('flip half of the bits when one bit of n or of the subject changes', () => {
    const random = new Randomness('avalanche');
    const bits = (x: number): readonly [number, number] => [Math.floor(x * 2 ** 26), Math.floor((x * 2 ** 52) % 2 ** 26)];
    const distance = (x: number, y: number): number => {
      const [[a, b], [c, d]] = [bits(x), bits(y)];
      return bitCount(a ^ c) + bitCount(b ^ d);
    };
    let [byN, bySubject] = [0, 0];
    for (let trial = 0; trial < 500; trial += 1) {
      for (let bit = 0; bit < 32; bit += 1) {
        const base = random.uniformAt('s', trial, trial);
        byN += distance(base, random.uniformAt('s', trial, (trial ^ (1 << bit)) >>> 0));
        bySubject += distance(base, random.uniformAt('s', (trial ^ (1 << bit)) >>> 0, trial));
      }
    }
    // 16,000 trials of 52 bits: one standard deviation of the mean is 0.03 bits.
    expect(Math.abs(byN / 16_000 - 26)).toBeLessThan(0.12);
    expect(Math.abs(bySubject / 16_000 - 26)).toBeLessThan(0.12);
  });
});

describe('results that must never change', () => {
  it('are pinned for seed "42"', () => {
    const random = new Randomness('42');
    expect(random.root('arm/latency')).toEqual({ low: 3713519530, high: 4088109847 });
    expect([random.uniform('arm/latency', 'vmss-0'), random.uniform('arm/latency', 'vmss-0'), random.coin(3)]).toEqual([
      0.08071342185803554, 0.4013559662641749, 112144260678094,
    ]);
    expect([hashString(''), hashString('node-0'), mix(1, 2), mix(2, 1)]).toEqual([0, 1278348640, 4137983873, 230461417]);
  });

  it('are Threefry: they agree with an independent version that meets the published vectors', () => {
    expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
    const random = new Randomness('reference');
    const { low, high } = random.root('s');
    for (let n = 0; n < 100; n += 1) {
      const subject = hashString(String(n));
      const [x, y] = threefry([(low ^ 0x5bd1e995) >>> 0, high], [n, subject]);
      expect(random.uniformAt('s', subject, n)).toBe(((y >>> 6) * 2 ** 26 + (x >>> 6) + 0.5) / 2 ** 52);
    }
  });

  it('stay inside (0, 1): none of 200000 is 0 or 1', () => {
    const random = new Randomness('range');
    const values = draws(N, () => random.uniform('s', 'x'));
    expect(values.filter((value) => !(value > 0 && value < 1))).toEqual([]);
  });
});

describe('snapshots', () => {
  // Claim: after restoring, the draws that followed the snapshot come again; on the same run and on a fresh one of the same seed.
  it('bring back the draws that followed, for known and for new subjects', () => {
    const call = fc.tuple(fc.constantFrom('s', 't'), fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(fc.array(call), fc.array(call), fc.array(call), (earlier, later, strayed) => {
        const random = new Randomness('snap');
        for (const [stream, subject] of earlier) random.uniform(stream, subject);
        const kept = random.snapshot();
        const followed = later.map(([stream, subject]) => random.uniform(stream, subject));
        for (const [stream, subject] of strayed) random.uniform(stream, subject);
        random.restore(kept);
        expect(later.map(([stream, subject]) => random.uniform(stream, subject))).toEqual(followed);
        const fresh = new Randomness('snap');
        for (const [stream, subject] of strayed) fresh.uniform(stream, subject);
        fresh.restore(kept);
        expect(later.map(([stream, subject]) => fresh.uniform(stream, subject))).toEqual(followed);
      }),
    );
  });

  it('of another seed are refused', () => {
    expect(() => {
      new Randomness('2').restore(new Randomness('1').snapshot());
    }).toThrow('does not fit seed "2"');
  });
});

describe('hashes', () => {
  it('of 100000 texts that differ in a number collide no more than chance allows, and spread evenly', () => {
    const hashes = draws(100_000, (n) => hashString(`nmi/node-${String(n)}`));
    // Expected collisions: 100000² / 2^33 = 1.2.
    expect(new Set(hashes).size).toBeGreaterThan(100_000 - 8);
    expect(
      Math.abs(
        chiSquareScore(
          hashes.map((hash) => hash / 2 ** 32),
          500,
        ),
      ),
    ).toBeLessThan(LIMIT);
  });

  it('of a text flip half of their bits with any bit of it', () => {
    let flipped = 0;
    for (let trial = 0; trial < 500; trial += 1) {
      const text = `pod-${String(trial)}`;
      for (let bit = 0; bit < 16; bit += 1) {
        const changed = String.fromCharCode(text.charCodeAt(0) ^ (1 << bit)) + text.slice(1);
        flipped += bitCount(hashString(text) ^ hashString(changed));
      }
    }
    expect(Math.abs(flipped / 8_000 - 16)).toBeLessThan(0.15);
  });

  it('of pairs tell the order and collide for no second word: 50000 of 50000 differ', () => {
    expect(mix(1, 2)).not.toBe(mix(2, 1));
    expect(new Set(draws(50_000, (n) => mix(n, 5))).size).toBe(50_000);
    expect(new Set(draws(50_000, (n) => mix(5, n))).size).toBe(50_000);
  });

  it('of pairs flip half of their bits with any bit of either word', () => {
    let flipped = 0;
    for (let trial = 0; trial < 500; trial += 1) {
      for (let bit = 0; bit < 32; bit += 1) {
        flipped += bitCount(mix(trial, 9) ^ mix(trial ^ (1 << bit), 9)) + bitCount(mix(9, trial) ^ mix(9, trial ^ (1 << bit)));
      }
    }
    expect(Math.abs(flipped / 32_000 - 16)).toBeLessThan(0.08);
  });
});
