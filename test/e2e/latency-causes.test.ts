/**
 * Claim: each part of a token's latency is what its name says, the rarer ones too. Method: in a small cluster one cause is made longer;
 * the part of that cause grows by as much, and no other, but for the waits between two tries that lie behind it, which are named and grow or
 * shrink by less than one such wait.
 */
import { expect, it } from 'vitest';
import type { LatencyPart } from '../../src/model/labels.ts';
import { idleBinding, partsOfWait, podNamed } from '../support/latency-worlds.ts';
import type { Parts, Wait } from '../support/latency-worlds.ts';

interface Intervention {
  readonly part: LatencyPart;
  readonly cause: string;
  readonly before: Wait;
  readonly after: Wait;
  /** [s] */
  readonly by: number;
  /** Longest wait between two tries behind it [s]. */
  readonly quanta?: Parts;
}

/** [s] NMI's next look, MIC's next poll of ARM. */
const POLLS: Parts = { nmiPoll: 5, patchPoll: 5 };

/** NMI dies twice, so that the kubelet waits before it starts it again; the pod comes meanwhile and is refused. */
const DEAD_NMI: Wait = {
  client: 'naive',
  identity: 'attached',
  knobs: { 'pod.crashBackoff.first': '10s' },
  story: ['40s', '59.9s'].map((at) => ({ at, kill: { component: 'nmi', which: 'all', signal: 'SIGKILL' } })),
};

/** MIC is refused at first; a change each second lets it try again. */
const LATE_ROLE: Wait = {
  roleAt: 58,
  knobs: { 'rbac.grant.delay': '20s' },
  story: Array.from({ length: 50 }, (_, n) => ({ at: `${String(61 + n)}s`, apply: [idleBinding(`b${String(n)}`)] })),
};

/** Another pod came just before, whose cycle MIC has yet to end. */
const BUSY_MIC: Wait = { story: [{ at: '59.9s', apply: [podNamed('other')] }], knobs: { 'mic.sync.tail': '3s' } };

function faulty(fault: object): Wait {
  return { identity: 'attached', story: [{ at: '59s', fault: { id: 'f', ...fault } }] };
}

const LATE_ADDRESS: Wait = { identity: 'attached', client: 'adalGo', knobs: { 'pod.ipVisibleLag': '2s' } };
const THROTTLED_IMDS = faulty({ from: 'nmi/*', to: 'imds/*', type: 'MetadataRequest', times: 1, do: { answer: { status: 429 } } });

function longer(wait: Wait, knobs: NonNullable<Wait['knobs']>): Wait {
  return { ...wait, knobs: { ...wait.knobs, ...knobs } };
}

const interventions: readonly Intervention[] = [
  {
    part: 'podStart',
    cause: 'the kubelet waiting 4 s longer before it starts NMI again',
    before: DEAD_NMI,
    after: longer(DEAD_NMI, { 'pod.crashBackoff.first': '14s' }),
    by: 4,
    quanta: { appRetry: 0.5 },
  },
  {
    part: 'nmiStart',
    cause: 'NMI taking 2 s longer until it listens',
    before: DEAD_NMI,
    after: longer(DEAD_NMI, { 'nmi.init': '3s' }),
    by: 2,
    quanta: { appRetry: 0.5 },
  },
  {
    part: 'rbac',
    cause: 'a role of MIC’s taking 15 s longer until it works',
    before: LATE_ROLE,
    after: longer(LATE_ROLE, { 'rbac.grant.delay': '35s' }),
    by: 15,
    // Each cycle that is refused takes a while itself.
    quanta: { ...POLLS, idle: 4 },
  },
  {
    part: 'micQueue',
    cause: 'MIC resting 3 s longer after the cycle before',
    before: BUSY_MIC,
    after: longer(BUSY_MIC, { 'mic.sync.tail': '6s' }),
    by: 3,
    quanta: POLLS,
  },
  {
    part: 'micWork',
    cause: 'MIC comparing for 1 s longer',
    before: { knobs: { 'mic.sync.noopCycle': '2s' } },
    after: { knobs: { 'mic.sync.noopCycle': '3s' } },
    by: 1,
    // The cycle before, for a pod without a node, takes as much longer.
    quanta: { ...POLLS, micQueue: 1 },
  },
  {
    part: 'clientThrottle',
    cause: 'MIC’s client sending one call in 60 s instead of 50 s',
    before: { knobs: { 'mic.clientQps': 0.02, 'mic.clientBurst': 1 } },
    after: { knobs: { 'mic.clientQps': 1 / 60, 'mic.clientBurst': 1 } },
    by: 10,
    quanta: POLLS,
  },
  {
    part: 'api',
    cause: 'the writes of MIC 1 s slower: one lies before the PATCH, and the next is seen before it is answered',
    before: { knobs: { 'api.mutate.latency': '1s' } },
    after: { knobs: { 'api.mutate.latency': '2s' } },
    by: 1,
    quanta: POLLS,
  },
  {
    part: 'clientBackoff',
    cause: 'a client waiting 3 s longer after its first try',
    before: LATE_ADDRESS,
    after: longer(LATE_ADDRESS, { 'adal.imds.delays': ['5s', '6s', '14s', '30s', '60s'] as never }),
    by: 3,
  },
  {
    part: 'nmiBackoff',
    cause: 'adal in NMI waiting 3 s longer after its first try',
    before: THROTTLED_IMDS,
    after: longer(THROTTLED_IMDS, { 'adal.imds.delays': ['5s', '6s', '14s', '30s', '60s'] as never }),
    by: 3,
  },
  {
    part: 'clientTimeout',
    cause: 'a client waiting 5 s longer for an answer that never comes',
    before: {
      client: 'naive',
      ...faulty({ to: 'iptables/*', type: 'MetadataRequest', times: 1, do: 'drop' }),
      knobs: { 'client.http.timeout': '10s' },
    },
    after: {
      client: 'naive',
      ...faulty({ to: 'iptables/*', type: 'MetadataRequest', times: 1, do: 'drop' }),
      knobs: { 'client.http.timeout': '15s' },
    },
    by: 5,
  },
  {
    part: 'aad',
    cause: 'Entra 2 s slower, IMDS’s own share as before',
    before: { identity: 'attached' },
    after: { identity: 'attached', knobs: { 'entra.token.latency': '2.35s', 'imds.latency.cacheMiss': '3s' } },
    by: 2,
  },
  {
    part: 'other',
    cause: 'somebody delaying the answers of IMDS by 3 s more',
    before: faulty({ from: 'imds/*', type: 'MetadataResponse', do: { delay: { by: '1s' } } }),
    after: faulty({ from: 'imds/*', type: 'MetadataResponse', do: { delay: { by: '4s' } } }),
    by: 3,
  },
  {
    part: 'idle',
    cause: 'nobody binding the pod for 10 s more',
    before: {
      story: [
        { at: '10s', delete: ['AzureIdentityBinding/default/app'] },
        { at: '70s', apply: [rebinding()] },
      ],
    },
    after: {
      story: [
        { at: '10s', delete: ['AzureIdentityBinding/default/app'] },
        { at: '80s', apply: [rebinding()] },
      ],
    },
    by: 10,
    quanta: POLLS,
  },
];

function rebinding(): object {
  return {
    apiVersion: 'aadpodidentity.k8s.io/v1',
    kind: 'AzureIdentityBinding',
    metadata: { name: 'app' },
    spec: { azureIdentity: 'app', selector: 'app' },
  };
}

/** Two instants that a microsecond of jitter in the way may put in another order. */
const SLACK = 0.003;

it.each(interventions)('$part grows by $by s, by $cause', ({ part, before, after, by, quanta = {} }) => {
  const [first, second] = [partsOfWait(before), partsOfWait(after)];
  for (const { sum, whole } of [first, second]) expect(sum).toBe(whole);
  const names = new Set([...Object.keys(first.parts), ...Object.keys(second.parts)]) as ReadonlySet<LatencyPart>;
  for (const name of names) {
    const growth = (second.parts[name] ?? 0) - (first.parts[name] ?? 0);
    const expected = name === part ? by : 0;
    expect(Math.abs(growth - expected), `${name} grew by ${String(growth)}`).toBeLessThanOrEqual((quanta[name] ?? 0) + SLACK);
  }
});
