/** Each promised property has a named invariant, and each invariant watches one. */
import { expect, it } from 'vitest';
import { INVARIANT_NAMES, MANAGED_IDENTITY_PROPERTIES, MIC_PROPERTIES, NMI_PROPERTIES } from '../../src/testing/index.ts';
import type { Property } from '../../src/testing/index.ts';

function numbered(safety: number, liveness: number): readonly string[] {
  const from = (letter: string, n: number): readonly string[] => Array.from({ length: n }, (_, index) => `${letter}${String(index + 1)}`);
  return [...from('S', safety), ...from('L', liveness)];
}

const ALL: readonly Property[] = [MIC_PROPERTIES, NMI_PROPERTIES, MANAGED_IDENTITY_PROPERTIES].flatMap((table) =>
  Object.values<Property>(table),
);

it.each<[string, Readonly<Record<string, Property>>, readonly string[]]>([
  ['MIC, S1 to S16 and L1 to L10', MIC_PROPERTIES, numbered(16, 10)],
  ['NMI, S1 to S10 and L1 to L8', NMI_PROPERTIES, numbered(10, 8)],
])('%s: each is watched by an invariant that exists', (_what, table, ids) => {
  expect(Object.keys(table)).toEqual(ids);
  expect(ids.filter((id) => (table[id]?.invariants ?? []).length === 0)).toEqual([]);
  const known: ReadonlySet<string> = new Set(INVARIANT_NAMES);
  expect(Object.values(table).flatMap(({ invariants }) => invariants.filter((name) => !known.has(name)))).toEqual([]);
});

it('what breaks them is named by number, and no invariant is without a property', () => {
  expect(ALL.flatMap(({ brokenBy }) => brokenBy.filter((number) => !/^W[1-9]\d?$/u.test(number)))).toEqual([]);
  const watched = new Set(ALL.flatMap(({ invariants }) => invariants));
  expect(INVARIANT_NAMES.filter((name) => !watched.has(name))).toEqual([]);
});
