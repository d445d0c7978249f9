/**
 * Elementary functions in plain arithmetic, bit-identical on every engine.
 *
 * The language does not fix the last bits of Math.log, Math.exp and their kin, so two engines may differ in a draw and then in a whole
 * run. Here only `+ - * /` and floor, abs, sqrt are used, which IEEE 754 fixes, and no engine may fuse or reorder them.
 * Sources of the figures: Wichura, "Algorithm AS 241" (1988), PPND16, for the normal quantile; Hart, "Computer Approximations" (1968),
 * no. 5666, in the form of West, "Better approximations to cumulative normal functions" (2005), for the normal CDF.
 */

/** ln 2 in two parts: the high part has 21 trailing zero bits, so a product with an exponent (at most 11 bits) is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;
const SQRT_2 = 1.4142135623730951;
const SQRT_2_PI = 2.5066282746310002;

const TWO_TO_54 = 18014398509481984;

/** Overflow and underflow thresholds of exp. */
const EXP_MAX = 709.782712893384;
const EXP_MIN = -745.1332191019412;

const bits = new DataView(new ArrayBuffer(8));

/** 2^k for k = -1022..1023 at index k + 1022; powers of two are exact. */
const POWERS_OF_TWO = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2046);
  let up = 1;
  for (let k = 0; k <= 1023; k += 1, up *= 2) powers[k + 1022] = up;
  let down = 1;
  for (let k = 0; k >= -1022; k -= 1, down /= 2) powers[k + 1022] = down;
  return powers;
}

/**
 * Natural logarithm; relative error below 1e-15.
 * Zero gives -Infinity, negative numbers and NaN give NaN.
 */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;

  // x = 2^k · m with m in [sqrt(1/2), sqrt 2). Subnormal numbers are scaled up first.
  const isTiny = x < 2.2250738585072014e-308;
  bits.setFloat64(0, isTiny ? x * TWO_TO_54 : x);
  const high = bits.getUint32(0);
  let k = (high >>> 20) - 1023 - (isTiny ? 54 : 0);
  bits.setUint32(0, (high & 0x000f_ffff) | 0x3ff0_0000);
  let m = bits.getFloat64(0);
  if (m >= SQRT_2) {
    m *= 0.5;
    k += 1;
  }

  // ln m = 2 artanh s with s = (m - 1)/(m + 1), |s| < 0.1716; the first term left out is below 1e-18 of the sum.
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const series =
    z *
    (1 / 3 +
      z *
        (1 / 5 +
          z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z / 23))))))))));
  return k * LN2_HIGH + (2 * s + (2 * s * series + k * LN2_LOW));
}

/**
 * Exponential function; relative error below 1e-15 for normal results.
 * Infinity above 709.78, 0 below -745.13; NaN gives NaN.
 */
export function exp(x: number): number {
  if (!(x <= EXP_MAX)) return x > EXP_MAX ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < EXP_MIN) return 0;

  // x = k · ln 2 + r with |r| <= ln 2 / 2; the Taylor polynomial's first term left out is below 5e-18.
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let series = 1 / 87178291200;
  series = series * r + 1 / 6227020800;
  series = series * r + 1 / 479001600;
  series = series * r + 1 / 39916800;
  series = series * r + 1 / 3628800;
  series = series * r + 1 / 362880;
  series = series * r + 1 / 40320;
  series = series * r + 1 / 5040;
  series = series * r + 1 / 720;
  series = series * r + 1 / 120;
  series = series * r + 1 / 24;
  series = series * r + 1 / 6;
  series = series * r + 1 / 2;
  const value = 1 + (r + r * r * series);
  return timesPowerOfTwo(value, k);
}

/** value · 2^k in at most two exact steps and one rounding, also where 2^k alone would overflow or underflow. */
function timesPowerOfTwo(value: number, k: number): number {
  if (k > 1023) return value * 2 * (POWERS_OF_TWO[k - 1 + 1022] ?? Number.NaN);
  if (k < -1022) return (value * (POWERS_OF_TWO[k + 54 + 1022] ?? Number.NaN)) / TWO_TO_54;
  return value * (POWERS_OF_TWO[k + 1022] ?? Number.NaN);
}

/**
 * Standard normal cumulative distribution: the probability of a value at or below x.
 * Absolute error below 1e-15; relative error below 1e-10 down to x = -37; 0 below -38.6.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  const tail = upperTail(Math.abs(x));
  return x > 0 ? 1 - tail : tail;
}

/** Probability above z, z >= 0: a rational function times the density, and a continued fraction far out. */
function upperTail(z: number): number {
  if (z > 38.6) return 0;
  const density = exp(-z * z * 0.5);
  if (z > 5) return density / SQRT_2_PI / continuedFraction(z);
  const p =
    (((((0.0352624965998911 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z + 112.079291497871) * z +
      221.213596169931) *
      z +
    220.206867912376;
  const q =
    ((((((0.0883883476483184 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z + 296.564248779674) * z +
      637.333633378831) *
      z +
      793.826512519948) *
      z +
    440.413735824752;
  return (density * p) / q;
}

/** Reciprocal of Mills' ratio by its continued fraction z + 1/(z + 2/(z + 3/…)); 30 levels give 1e-13 from z = 5 on. */
function continuedFraction(z: number): number {
  let value = z;
  for (let level = 30; level >= 1; level -= 1) value = z + level / value;
  return value;
}

/**
 * Standard normal quantile: the x with normalCdf(x) = p, for p in (0, 1). Relative error below 1e-15.
 * Strictly increasing over steps of p of 1e-14 and more; between neighbouring doubles the last two bits may waver.
 * 0 gives -Infinity, 1 gives Infinity, anything outside gives NaN.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return edgeQuantile(p);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * centre(0.180625 - q * q);
  const r = Math.sqrt(-ln(q < 0 ? p : 1 - p));
  const magnitude = r <= 5 ? shoulder(r - 1.6) : farTail(r - 5);
  return q < 0 ? -magnitude : magnitude;
}

function edgeQuantile(p: number): number {
  if (p === 0) return Number.NEGATIVE_INFINITY;
  return p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
}

/** PPND16, |p - 1/2| <= 0.425. */
function centre(r: number): number {
  const numerator =
    ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r + 45921.953931549871457) * r +
      13731.693765509461125) *
      r +
      1971.5909503065514427) *
      r +
      133.14166789178437745) *
      r +
    3.387132872796366608;
  const denominator =
    ((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r + 21213.794301586595867) * r +
      5394.1960214247511077) *
      r +
      687.1870074920579083) *
      r +
      42.313330701600911252) *
      r +
    1;
  return numerator / denominator;
}

/** PPND16, tail probability down to exp(-25). */
function shoulder(r: number): number {
  const numerator =
    ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r +
      3.64784832476320460504) *
      r +
      5.7694972214606914055) *
      r +
      4.6303378461565452959) *
      r +
    1.42343711074968357734;
  const denominator =
    ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r + 0.14810397642748007459) * r +
      0.68976733498510000455) *
      r +
      1.6763848301838038494) *
      r +
      2.05319162663775882187) *
      r +
    1;
  return numerator / denominator;
}

/** PPND16, tail probability below exp(-25). */
function farTail(r: number): number {
  const numerator =
    ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r + 0.026532189526576123093) * r +
      0.29656057182850489123) *
      r +
      1.7848265399172913358) *
      r +
      5.4637849111641143699) *
      r +
    6.6579046435011037772;
  const denominator =
    ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r +
      0.0148753612908506148525) *
      r +
      0.13692988092273580531) *
      r +
      0.59983220655588793769) *
      r +
    1;
  return numerator / denominator;
}
