/**
 * Distributions in override texts: `45s`, `const(45s)`, `LN(35s, 0.26)`, `U(5s, 10s)`, `Exp(30d)`,
 * `Bern(0.1)`, `trunc(LN(35s, 0.26), 1s, 60s)`,
 * `mix(0.98 LN(14s, 0.2), 0.02 LN(120s, 0.6))`, `shift(LN(1s, 0.5), 2s)`.
 */
import { validateSampler } from '../../kernel/random.ts';
import type { Sampler } from '../../kernel/random.ts';

import { Bern, constant, Exp, LN, mix, shift, trunc, U } from './distribution.ts';
import { plainNumber, splitTopLevel } from './quantity.ts';
import type { QuantityReader, Read } from './quantity.ts';

const CALL = /^([A-Za-z]+)\s*\((.*)\)$/su;
const WEIGHTED = /^([\d.]+(?:e[-+]?\d+)?)\s+([A-Za-z]+\s*\(.*\))$/su;

/** Reads a distribution, or a constant, whose quantities `quantity` understands. */
export function readSampler(text: string, quantity: QuantityReader): Read<Sampler> {
  const trimmed = text.trim();
  const [, name, inner] = CALL.exec(trimmed) ?? [];
  if (name === undefined || inner === undefined) return mapped(quantity(trimmed), constant);
  const read = readCall(name, splitTopLevel(inner), quantity);
  if (!read.ok) return read;
  const [problem] = validateSampler(read.value);
  return problem === undefined ? read : { ok: false, rule: problem };
}

function readCall(name: string, args: readonly string[], quantity: QuantityReader): Read<Sampler> {
  const plain: QuantityReader = (text) => plainNumber(text, 'number');
  switch (name.toLowerCase()) {
    case 'const':
      return called(args, [quantity], 'const(x)', ([x]) => constant(x));
    case 'u':
      return called(args, [quantity, quantity], 'U(low, high)', ([low, high]) => U(low, high));
    case 'exp':
      return called(args, [quantity], 'Exp(mean)', ([mean]) => Exp(mean));
    case 'ln':
      return called(args, [quantity, plain], 'LN(median, sigma)', ([m, s]) => LN(m, s));
    case 'bern':
      return called(args, [plain], 'Bern(p)', ([p]) => Bern(p));
    case 'trunc':
      return readTruncated(args, quantity);
    case 'shift':
      return readShifted(args, quantity);
    case 'mix':
      return readMixture(args, quantity);
    default: {
      const known = 'const, U, LN, Exp, Bern, trunc, mix, shift';
      return { ok: false, rule: `unknown distribution "${name}"; use ${known}` };
    }
  }
}

function readTruncated(args: readonly string[], quantity: QuantityReader): Read<Sampler> {
  const [inner, ...bounds] = args;
  const of = readSampler(inner ?? '', quantity);
  if (!of.ok) return of;
  const form = 'trunc(distribution, low, high)';
  return called(bounds, [quantity, quantity], form, ([low, high]) => trunc(of.value, low, high));
}

function readShifted(args: readonly string[], quantity: QuantityReader): Read<Sampler> {
  const [inner, ...rest] = args;
  const of = readSampler(inner ?? '', quantity);
  if (!of.ok) return of;
  return called(rest, [quantity], 'shift(distribution, by)', ([by]) => shift(of.value, by));
}

function readMixture(args: readonly string[], quantity: QuantityReader): Read<Sampler> {
  const parts: (readonly [number, Sampler])[] = [];
  for (const arg of args) {
    const [, weight, inner] = WEIGHTED.exec(arg.trim()) ?? [];
    if (weight === undefined || inner === undefined) {
      return { ok: false, rule: `mix(weight distribution, …) cannot hold "${arg.trim()}"` };
    }
    const of = readSampler(inner, quantity);
    if (!of.ok) return of;
    parts.push([Number(weight), of.value]);
  }
  return { ok: true, value: mix(...parts) };
}

type NumbersOf<R extends readonly QuantityReader[]> = { readonly [I in keyof R]: number };

/** Reads as many arguments as there are readers and builds the distribution of them. */
function called<const R extends readonly QuantityReader[]>(
  args: readonly string[],
  readers: R,
  form: string,
  build: (numbers: NumbersOf<R>) => Sampler,
): Read<Sampler> {
  if (args.length !== readers.length) {
    return { ok: false, rule: `${form} takes ${String(readers.length)} here, not ${String(args.length)}` };
  }
  const numbers: number[] = [];
  for (const [index, reader] of readers.entries()) {
    const read = reader(args[index] ?? '');
    if (!read.ok) return read;
    numbers.push(read.value);
  }
  return { ok: true, value: build(numbers as unknown as NumbersOf<R>) };
}

function mapped<A, B>(read: Read<A>, use: (value: A) => B): Read<B> {
  return read.ok ? { ok: true, value: use(read.value) } : read;
}
