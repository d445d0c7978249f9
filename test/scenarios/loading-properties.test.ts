/** Properties of loading: what was generated comes out again, order and spelling of the text do not matter, and junk never throws. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatDuration, micros } from '../../src/kernel/time.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { CONDITION_NAMES, INVARIANT_NAMES } from '../../src/scenarios/schema/claim-names.ts';
import { CLIENT_NAMES } from '../../src/scenarios/schema/client-names.ts';
import { METRIC_NAMES, METRICS } from '../../src/scenarios/schema/metric-names.ts';
import { described, EXAMPLE_NAMES, EXAMPLES, load } from './loading.ts';

const HORIZON_S = 3600;
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/u);
const names = (least: number): fc.Arbitrary<string[]> => fc.uniqueArray(name, { minLength: least, maxLength: 4 });
const time = fc.integer({ min: 0, max: HORIZON_S * 1_000_000 }).map((us) => formatDuration(micros(us)));
const metric = fc.constantFrom(...METRIC_NAMES);

const claim = fc.tuple(metric, fc.constantFrom('<', '<=', '>', '>=', '=='), fc.integer({ min: 0, max: 100 })).map(([which, op, n]) => {
  const unit = METRICS[which].unit;
  return {
    text: `${which} ${op} ${String(n)}${unit === 'duration' ? 's' : unit === 'share' ? '%' : ''}`,
    bound: unit === 'duration' ? n * 1_000_000 : unit === 'share' ? n / 100 : n,
  };
});

const expectation = fc.oneof(
  fc.constantFrom(...INVARIANT_NAMES).map((always) => ({ always })),
  fc.constantFrom(...CONDITION_NAMES).map((sometimes) => ({ sometimes })),
  fc.record({ eventually: fc.constantFrom(...CONDITION_NAMES), within: time }),
  claim.map(({ text }) => ({ measure: text })),
);

/** A valid scenario: everything it names it has. */
const scenario = fc
  .record({ identities: names(1), services: names(1), vms: names(1), pools: names(1) })
  .chain(({ identities, services, vms, pools }) => {
    const identity = fc.constantFrom(...identities);
    const step = fc.oneof(
      fc.record({
        at: time,
        assignIdentity: fc.record({
          identity,
          to: fc.oneof(fc.constantFrom(...vms.map((vm) => `vm:${vm}`)), fc.constantFrom(...pools.map((pool) => `pool:${pool}`))),
        }),
      }),
      fc.record({ at: time, deleteIdentity: identity }),
      fc.record({ at: time, drain: fc.constantFrom(...pools.map((pool) => `${pool}/0`)) }),
      fc.record({ at: time, scale: fc.record({ nodePool: fc.constantFrom(...pools), to: fc.nat(1000) }) }),
      fc.record({
        at: time,
        kill: fc.record({
          component: fc.constant('mic'),
          which: fc.constantFrom('leader', 'all'),
          signal: fc.constantFrom('SIGTERM', 'SIGKILL'),
        }),
      }),
      fc.record({
        at: time,
        fault: fc.record({ id: name, to: fc.constantFrom('arm', 'imds/*'), do: fc.constantFrom('drop', { delay: { by: '3s' } }) }),
      }),
    );
    return fc.record({
      question: fc.constant('Does it come out again?'),
      group: fc.constantFrom('basics', 'scale', 'exposure'),
      horizon: fc.constant('1h'),
      world: fc.record({
        identities: fc.constant(identities.map((one) => ({ name: one }))),
        services: fc.tuple(
          ...services.map((one) => fc.record({ name: fc.constant(one), kind: fc.constantFrom('sql', 'keyVault', 'cosmosDb', 'arm') })),
        ),
        roles: fc.array(
          fc.record({
            to: identity,
            role: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
            on: fc.constantFrom(...services),
          }),
          { maxLength: 3 },
        ),
        virtualMachines: fc.tuple(
          ...vms.map((one) =>
            fc.record({
              name: fc.constant(one),
              systemAssigned: fc.boolean(),
              workloads: fc
                .record({ client: fc.constantFrom(...CLIENT_NAMES), identity, uses: fc.constantFrom(...services) })
                .map((workload) => [{ name: `w-${one}`, ...workload }]),
            }),
          ),
        ),
        cluster: fc.record({
          nodePools: fc.tuple(
            ...pools.map((one) =>
              fc.record({ name: fc.constant(one), nodes: fc.integer({ min: 1, max: 1000 }), kind: fc.constantFrom('vmss', 'vm') }),
            ),
          ),
        }),
      }),
      story: fc.array(step, { maxLength: 6 }),
      expect: fc.array(expectation, { maxLength: 5 }),
    });
  });

/** A description without the places in the text. */
function withoutPlaces(description: ScenarioDescription): unknown {
  return JSON.parse(
    JSON.stringify(description, (key, value: unknown) =>
      key === 'place' || (key === 'at' && typeof value === 'object') ? undefined : value,
    ),
  );
}

describe('loading', () => {
  it('gives back what was generated: names, numbers, times in order, expectations', () => {
    // Claim: loading inverts writing, by comparison with the generated source.
    fc.assert(
      fc.property(scenario, (source) => {
        const loaded = described(stringify(source));
        expect(loaded.identities.map((one) => one.name)).toEqual(source.world.identities.map((one) => one.name));
        expect(loaded.services.map((one) => [one.name, one.kind])).toEqual(source.world.services.map((one) => [one.name, one.kind]));
        expect(loaded.cluster?.nodePools.map((pool) => [pool.name, pool.nodes, pool.kind])).toEqual(
          source.world.cluster.nodePools.map((pool) => [pool.name, pool.nodes, pool.kind]),
        );
        expect(loaded.workloads.map((one) => one.client)).toEqual(
          source.world.virtualMachines.flatMap((vm) => vm.workloads.map((one) => one.client)),
        );
        expect(loaded.steps.map(({ at }) => formatDuration(at)).sort()).toEqual(source.story.map(({ at }) => at).sort());
        expect(loaded.steps.every(({ at }, index) => index === 0 || at >= (loaded.steps[index - 1]?.at ?? 0))).toBe(true);
        expect(loaded.expectations).toHaveLength(source.expect.length);
        expect(loaded.roles.map((role) => role.toName)).toEqual(source.world.roles.map((role) => role.to));
      }),
      { numRuns: 100 },
    );
  });

  it('depends on the data alone: YAML, YAML in flow style and JSON give one description, twice the same', () => {
    // Claim: the description is a function of the parsed data, by comparing three spellings.
    fc.assert(
      fc.property(scenario, (source) => {
        const block = withoutPlaces(described(stringify(source)));
        expect(withoutPlaces(described(stringify(source, { collectionStyle: 'flow' })))).toEqual(block);
        expect(withoutPlaces(described(JSON.stringify(source, null, 2)))).toEqual(block);
        expect(described(stringify(source))).toEqual(described(stringify(source)));
      }),
      { numRuns: 50 },
    );
  });

  it('reads every claim back with the bound that was written', () => {
    fc.assert(
      fc.property(claim, ({ text, bound }) => {
        const base = { question: 'q?', group: 'basics', horizon: '1h', world: {}, expect: [{ measure: text }] };
        expect(described(stringify(base)).expectations[0]).toMatchObject({ kind: 'measure', measure: { text, bound } });
      }),
    );
  });
});

const exampleTexts = EXAMPLE_NAMES.map((example) => readFileSync(join(EXAMPLES, `${example}.yaml`), 'utf8'));
const manifestText = readFileSync(join(EXAMPLES, 'manifests/aks-sql-token/orders.yaml'), 'utf8');
const JUNK = [
  '',
  '-',
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '\n',
  '  ',
  '\t',
  '*a',
  '&a ',
  '<<: *a\n',
  '"',
  "'",
  '!!int ',
  '0',
  '-5m',
  'null',
  '~',
  '? ',
  '|',
  '---\n',
  '__proto__: ',
  'constructor: ',
  '\u0000',
  '.inf',
  '1e400',
];

/** A text with some pieces cut out, doubled, or replaced by junk. */
function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(30),
    insert: fc.oneof(fc.constantFrom(...JUNK), fc.string({ maxLength: 4 })),
  });
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) =>
    edits.reduce((current, { at, cut, insert }) => {
      const place = Math.floor(at * current.length);
      return current.slice(0, place) + insert + current.slice(place + cut);
    }, text),
  );
}

function isOrderly(loaded: ReturnType<typeof load>): boolean {
  if (loaded.ok) return true;
  return (
    loaded.problems.length > 0 &&
    loaded.problems.every(
      (problem) => problem.line >= 1 && problem.column >= 1 && problem.rule !== '' && /^[^:]+:\d+:\d+ /u.test(formatProblem(problem)),
    )
  );
}

describe('junk', () => {
  it('in a scenario never throws: it loads, or every problem has a file, a line, a column and a rule', () => {
    // Claim: loadScenario is total, by mutating the examples 1,500 times.
    fc.assert(
      fc.property(mutated(exampleTexts), (text) => isOrderly(loadScenario({ path: 'junk.yaml', text, readText: () => manifestText }))),
      { numRuns: 1500 },
    );
  });

  it('in a manifest never throws either', () => {
    const text = stringify({
      question: 'q?',
      group: 'basics',
      horizon: '1h',
      world: { cluster: { nodePools: [] } },
      manifests: ['m.yaml'],
    });
    const manifests = ['identity', 'orders', 'namespace'].map((file) =>
      readFileSync(join(EXAMPLES, `manifests/aks-sql-token/${file}.yaml`), 'utf8'),
    );
    fc.assert(
      fc.property(mutated(manifests), (manifest) => isOrderly(load(text, { 'm.yaml': manifest }))),
      { numRuns: 1000 },
    );
  });

  it('of any kind never throws: random texts, and random data', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => isOrderly(load(text))));
    fc.assert(fc.property(fc.json(), (text) => isOrderly(load(text))));
    const keys = fc.constantFrom('question', 'group', 'horizon', 'world', 'story', 'expect', 'manifests');
    fc.assert(fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => isOrderly(load(JSON.stringify(value)))));
  });
});
