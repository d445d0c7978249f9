/** What nothing is known to break falls when MIC, or the API server, is broken on purpose: the invariants are no empty words. */
import { describe, expect, it } from 'vitest';
import { check, loadScenario, scenarioText } from '../../src/testing/index.ts';
import type { InvariantName, Plan } from '../../src/testing/index.ts';
import { mutatedTesting } from '../support/mutant.ts';
import type { Mutation } from '../support/mutant.ts';

/** A pod with more identities than one PATCH takes. */
const CROWD: Plan = {
  pool: 'vmss',
  nodes: 1,
  crowd: 153,
  steps: [{ gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'crowd' } }],
  parameters: {},
};
/** A pod that comes and goes. */
const ONE: Plan = {
  pool: 'vmss',
  nodes: 1,
  steps: [
    { gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'red' } },
    { gap: 90, act: { do: 'deletePod', namespace: 'default', pod: 'web' } },
  ],
  parameters: {},
};
/** A pod with the label of another namespace, where namespaces count. */
const STRANGER = scenarioText({
  ...ONE,
  steps: [{ gap: 1, act: { do: 'createPod', namespace: 'default', pod: 'web', label: 'red' } }],
  parameters: { 'mic.namespaced': 'true' },
}).replace('aadpodidbinding: red-default\n        spec', 'aadpodidbinding: red-shop\n        spec');

/** A namespace that is deleted with an assignment in it, and 40 minutes to go. */
const DESERTED = `${scenarioText({
  ...ONE,
  steps: [{ gap: 1, act: { do: 'createPod', namespace: 'shop', pod: 'web', label: 'red' } }],
  parameters: { 'mic.namespaced': 'true' },
}).replace(/^horizon: .*$/mu, 'horizon: 40m')}  - at: 150s
    delete: [Namespace/shop]
`;

const BROKEN: readonly (readonly [InvariantName, string, Mutation])[] = [
  [
    'patchWithinLimit',
    scenarioText(CROWD),
    {
      file: 'model/mic/identity-delta.ts',
      original: 'return { first: delta.slice(0, limit), rest: delta.slice(limit) };',
      changed: 'return { first: delta.slice(0, Math.max(limit, delta.length)), rest: [] };',
    },
  ],
  [
    'batchWithinLimit',
    scenarioText(CROWD),
    {
      file: 'actors/mic/worker.ts',
      original: 'while (worker.inFlight < room && worker.next < end) {',
      changed: 'while (worker.inFlight <= room && worker.next < end) {',
    },
  ],
  [
    'callsWithinRate',
    scenarioText(CROWD),
    {
      file: 'actors/mic/api-calls.ts',
      original: '= reserve(state[field] ?? fullBucket(turn), turn.now);',
      changed: '= reserve(fullBucket(turn), turn.now);',
    },
  ],
  [
    'namespacedStaysHome',
    STRANGER,
    {
      file: 'model/mic/desired.ts',
      original: 'if (isNamespaced(identity, sources.rule) && pod.metadata.namespace !== identity.metadata.namespace) continue;',
      changed: '',
    },
  ],
  [
    'changeIsTakenIn',
    scenarioText({ ...ONE, steps: ONE.steps.slice(0, 1) }),
    {
      file: 'actors/mic/loop.ts',
      original: 'state.loop.queued += events;',
      changed: 'if (state.loop.cycles === 0) state.loop.queued += events;',
    },
  ],
  [
    'namespaceGoes',
    DESERTED,
    {
      file: 'actors/mic/worker.ts',
      original: "callApi(state, 'crd', { verb: 'update', object: withoutFinalizer(object) }, { ...address, step: 'finalize' }, turn);",
      changed: 'if (address.item >= 0) return removed(state, answered, turn);',
    },
  ],
  [
    'finalizerHonoured',
    scenarioText(ONE),
    {
      file: 'actors/kube-apiserver/deletion.ts',
      original: 'const isHeld = old.metadata.finalizers.length > 0 ||',
      changed: 'const isHeld =',
    },
  ],
];

describe.each(BROKEN)('%s', (name, text, mutation) => {
  it('holds as things are, and falls where they are broken', async () => {
    const loaded = loadScenario({ path: 'small.yaml', text, readText: () => undefined });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const whole = check(loaded.scenario, { invariants: [name] });
    expect(whole.violations).toEqual([]);
    if (text !== STRANGER) expect(whole.checks[name]).toBeGreaterThan(0);
    const mutant = await mutatedTesting(mutation);
    expect(mutant.check(loaded.scenario, { invariants: [name] }).violations.map(({ invariant }) => invariant)).toEqual([name]);
  });
});

it('a namespace that is deleted with assignments in it goes, and they with it', () => {
  const story = scenarioText({
    pool: 'vmss',
    nodes: 1,
    steps: [{ gap: 1, act: { do: 'createPod', namespace: 'shop', pod: 'web', label: 'red' } }],
    parameters: { 'mic.namespaced': 'true' },
  });
  const text = `${story}  - at: 150s\n    delete: [Namespace/shop]\n`;
  const loaded = loadScenario({ path: 'small.yaml', text, readText: () => undefined });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { checks, violations, world } = check(loaded.scenario, { invariants: ['namespaceGoes'] });
  expect([checks.namespaceGoes, violations]).toEqual([1, []]);
  expect(world.table('namespaces').get('shop')).toBeUndefined();
});
