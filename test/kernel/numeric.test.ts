/** ln, exp and the normal functions against reference values of high precision. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, ln, normalCdf, normalQuantile } from '../../src/kernel/numeric.ts';

// References: mpmath with 50 digits, arguments taken as the doubles they denote; texts, so that each is rounded once, here.
const LN: readonly (readonly [string, string])[] = [
  ['5e-324', '-744.44007192138126231'],
  ['1e-300', '-690.77552789821370518'],
  ['0.1', '-2.3025850929940456285'],
  ['0.5', '-0.69314718055994530942'],
  ['0.7071067811865475', '-0.34657359027997274336'],
  ['0.7071067811865476', '-0.34657359027997258635'],
  ['0.9999999999999999', '-1.1102230246251566021e-16'],
  ['1.0000000000000002', '2.2204460492503128343e-16'],
  ['1.5', '0.40546510810816438198'],
  ['2', '0.69314718055994530942'],
  ['2.718281828459045', '0.99999999999999994682'],
  ['10', '2.302585092994045684'],
  ['123456789.125', '18.631401767180518042'],
  ['1.7976931348623157e308', '709.78271289338399673'],
];

const EXP: readonly (readonly [string, string])[] = [
  ['-700', '9.8596765437597708567e-305'],
  ['-36.7', '1.1518409493076096322e-16'],
  ['-1', '0.3678794411714423216'],
  ['-0.3465735902799727', '0.70710678118654749335'],
  ['-1e-10', '0.9999999999'],
  ['1e-16', '1.0000000000000001'],
  ['0.1', '1.1051709180756476309'],
  ['0.3465735902799727', '1.4142135623730951109'],
  ['1', '2.7182818284590452354'],
  ['2', '7.3890560989306502272'],
  ['10.5', '36315.502674246637739'],
  ['100', '2.6881171418161354484e+43'],
  ['709.7', '1.6549840276802644031e+308'],
];

const CDF: readonly (readonly [string, string])[] = [
  ['-37', '5.7255712225245768227e-300'],
  ['-20', '2.7536241186062336951e-89'],
  ['-8', '6.2209605742717841235e-16'],
  ['-6.5', '4.0160005838591178083e-11'],
  ['-5.000001', '2.8665008516339576241e-7'],
  ['-4.999999', '2.8665305860242565852e-7'],
  ['-3', '0.0013498980316300945267'],
  ['-1', '0.15865525393145705141'],
  ['-0.1', '0.46017216272297101633'],
  ['0', '0.5'],
  ['0.1', '0.53982783727702898367'],
  ['0.5', '0.69146246127401310364'],
  ['1', '0.84134474606854294859'],
  ['1.959963984540054', '0.97499999999999998912'],
  ['3', '0.99865010196836990547'],
  ['6', '0.99999999901341235496'],
];

const QUANTILE: readonly (readonly [string, string])[] = [
  ['1e-300', '-37.047096299361199237'],
  ['1e-15', '-7.9413453261709967713'],
  ['1e-20', '-9.2623400897984075796'],
  ['1.1102230246251565e-16', '-8.2095361516013868556'],
  ['1.3887943864964e-11', '-6.6579046435011038061'],
  ['1e-9', '-5.9978070150076868614'],
  ['0.001', '-3.0902323061678135354'],
  ['0.025', '-1.9599639845400542118'],
  ['0.0749', '-1.4402382675279636631'],
  ['0.0751', '-1.4388253927525399824'],
  ['0.3', '-0.52440051270804081597'],
  ['0.4999', '-0.00025066283008800749239'],
  ['0.6', '0.25334710313579974132'],
  ['0.925', '1.4395314709384562291'],
  ['0.9251', '1.4402382675279638594'],
  ['0.975', '1.9599639845400538556'],
  ['0.999', '3.0902323061678132778'],
  ['0.9999999999', '6.3613408896974218642'],
];

function relativeError(got: number, reference: string): number {
  const wanted = Number(reference);
  return wanted === 0 ? Math.abs(got) : Math.abs(got / wanted - 1);
}

function bitsOf(x: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16);
}

describe('ln', () => {
  it.each(LN)('of %s is %s within 1e-15', (x, reference) => {
    expect(relativeError(ln(Number(x)), reference)).toBeLessThan(1e-15);
  });

  it('is exact at 1, and gives -Infinity, Infinity, NaN at 0, Infinity and below 0', () => {
    expect([ln(1), ln(0), ln(Infinity), ln(-1), ln(Number.NaN)]).toEqual([0, -Infinity, Infinity, Number.NaN, Number.NaN]);
  });
});

describe('exp', () => {
  it.each(EXP)('of %s is %s within 1e-15', (x, reference) => {
    expect(relativeError(exp(Number(x)), reference)).toBeLessThan(1e-15);
  });

  it('is 1 at 0, overflows above 709.78 and vanishes below -745.13', () => {
    expect([exp(0), exp(709.79), exp(Infinity), exp(-745.14), exp(-Infinity), exp(Number.NaN)]).toEqual([
      1,
      Infinity,
      Infinity,
      0,
      0,
      Number.NaN,
    ]);
    expect(exp(-745.13)).toBe(5e-324);
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
  });

  // Claim: ln undoes exp within a last bit or two; by random arguments.
  it('is undone by ln', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => Math.abs(ln(exp(x)) - x) <= 4e-16 * Math.max(1, Math.abs(x))),
    );
  });
});

describe('normalCdf', () => {
  it.each(CDF)('of %s is %s within 1e-10', (x, reference) => {
    expect(relativeError(normalCdf(Number(x)), reference)).toBeLessThan(1e-10);
  });

  it('reaches 0 and 1 far out, and keeps NaN', () => {
    expect([normalCdf(-Infinity), normalCdf(-39), normalCdf(Infinity), normalCdf(Number.NaN)]).toEqual([0, 0, 1, Number.NaN]);
  });

  it('never falls from -39 to 9 in steps of 1/1024, across the change of formula at 5 too', () => {
    let last = 0;
    for (let step = -39 * 1024; step <= 9 * 1024; step += 1) {
      const value = normalCdf(step / 1024);
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
  });
});

describe('normalQuantile', () => {
  it.each(QUANTILE)('of %s is %s within 1e-14', (p, reference) => {
    expect(relativeError(normalQuantile(Number(p)), reference)).toBeLessThan(1e-14);
  });

  it('is 0 at one half, infinite at 0 and 1, and NaN outside', () => {
    expect([normalQuantile(0.5), normalQuantile(0), normalQuantile(1), normalQuantile(-0.1), normalQuantile(1.1)]).toEqual([
      0,
      -Infinity,
      Infinity,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it('rises at every one of 100000 steps, and across the changes of formula at 0.075, 0.925 and exp(-25)', () => {
    let last = -Infinity;
    for (let step = 1; step < 100_000; step += 1) {
      const value = normalQuantile(step / 100_000);
      expect(value).toBeGreaterThan(last);
      last = value;
    }
    for (const edge of [0.075, 0.925, 1.3887943864964021e-11]) {
      expect(normalQuantile(edge * (1 + 1e-12))).toBeGreaterThan(normalQuantile(edge * (1 - 1e-12)));
    }
  });

  // Claim: the CDF undoes the quantile; by random probabilities.
  it('is undone by the CDF within 1e-14 of the probability', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => Math.abs(normalCdf(normalQuantile(p)) - p) < 1e-14),
    );
  });
});

describe('bits', () => {
  it('are pinned: the same 200 results, bit by bit, on every engine', () => {
    let hash = 0n;
    for (let i = 1; i <= 50; i += 1) {
      for (const value of [ln(i / 7), exp(i / 3 - 8), normalCdf(i / 5 - 5), normalQuantile(i / 51)]) {
        hash = (hash * 1099511628211n + BigInt(`0x${bitsOf(value)}`)) % 2n ** 64n;
      }
    }
    expect(hash.toString(16)).toBe('81ae89be737547ac');
  });
});
