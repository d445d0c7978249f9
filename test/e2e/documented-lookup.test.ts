/**
 * Claim: docs/LOOKUP.md says truly what differs where NMI asks MIC, as the founding document has it. Method: one small cluster lived twice,
 * with each way of looking up; nothing else differs.
 */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { StampedFact } from '../../src/kernel/world.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { described } from '../scenarios/loading.ts';
import { worldOf } from '../support/packaged.ts';

type Lookup = 'aai' | 'mic';

const CALM: Overrides = {
  'imds.error5xx.prob': 0,
  'imds.timeout.prob': 0,
  'imds.assign.visibleAt': 0.9,
  'vmss.patch.duration.serverSide': '31s',
  'pod.ipVisibleLag': '100ms',
};

const object = (kind: string, spec: object): object => ({
  apiVersion: 'aadpodidentity.k8s.io/v1',
  kind,
  metadata: { name: 'app' },
  spec,
});

interface Lived {
  readonly facts: readonly StampedFact<Identity>[];
  /** Questions to MIC. */
  readonly questions: number;
}

/** A pod comes at 60 s and asks for a token each 20 s. */
function live(lookup: Lookup, story: readonly object[] = [], knobs: Overrides = {}): Lived {
  const text = stringify({
    question: 'What differs?',
    group: 'basics',
    horizon: '8m',
    world: {
      identities: [{ name: 'app-id' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1, images: ['app:1'] }],
        podIdentity: { lookup },
        workloads: [
          {
            name: 'app',
            client: 'naive',
            identity: 'app-id',
            resource: 'r',
            every: '20s',
            retryAfterDenial: '20s',
            select: { pod: 'app' },
          },
        ],
      },
    },
    story: [
      {
        at: '0s',
        apply: [
          object('AzureIdentity', { type: 0, resourceID: 'identity:app-id.resourceID', clientID: 'identity:app-id.clientID' }),
          object('AzureIdentityBinding', { azureIdentity: 'app', selector: 'app' }),
        ],
      },
      {
        at: '60s',
        apply: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'app', labels: { aadpodidbinding: 'app' } },
            spec: { containers: [{ name: 'app', image: 'app:1' }] },
          },
        ],
      },
      ...story,
    ],
  });
  const world = worldOf(described(text), { seed: 'lookup', overrides: { ...CALM, ...knobs } });
  const facts: StampedFact<Identity>[] = [];
  let questions = 0;
  world.observe({
    onFact: (stamped) => void facts.push(stamped),
    onDelivery: ({ message }) => {
      if (message.type === 'IdentityLookup') questions += 1;
    },
  });
  world.run();
  return { facts, questions };
}

/** NMI's answers after a moment [s]: status and time taken [s]. */
function answersAfter({ facts }: Lived, from: number): readonly { readonly status: number; readonly took: number }[] {
  return facts.flatMap(({ fact, at }) =>
    fact.type === 'nmi-answered' && at >= from * 1e6 ? [{ status: fact.status, took: Math.round(fact.took / 1e5) / 10 }] : [],
  );
}

function momentOf({ facts }: Lived, test: (stamped: StampedFact<Identity>) => boolean): number {
  return (facts.find(test)?.at ?? Number.NaN) / 1e6;
}

describe('the real look-up and the documented one', () => {
  it('a new identity: seen at the next look of NMI, or told by MIC at once', () => {
    const late = (lookup: Lookup): number => {
      const lived = live(lookup);
      const assigned = momentOf(lived, ({ fact }) => fact.type === 'mic-assigned-identity-written' && fact.operation === 'status');
      const served = momentOf(lived, ({ fact }) => fact.type === 'imds-answered' && fact.status === 200 && fact.sender === 'default/app');
      return served - assigned;
    };
    expect(late('mic')).toBeLessThan(late('aai'));
    expect(late('aai')).toBeLessThan(8);
  });

  it('MIC stuck: nothing is noticed, or every request fails with 404 after 11 s', () => {
    const story = [{ at: '200s', freeze: { id: 'down', component: 'mic', which: 'all', scope: 'process' } }];
    expect(answersAfter(live('aai', story), 205).every(({ status }) => status === 200)).toBe(true);
    // The kubelet sees after a while that MIC is stuck, and starts it again.
    const refused = { status: 404, took: 11 };
    expect(answersAfter(live('mic', story), 205).slice(0, 2)).toEqual([refused, refused]);
  });

  it('a pod unbound: served until the identity is taken back, or denied once MIC knows', () => {
    const story = [{ at: '200s', delete: ['AzureIdentityBinding/default/app'] }];
    const served = (lookup: Lookup): number => answersAfter(live(lookup, story), 201).filter(({ status }) => status === 200).length;
    expect(served('mic')).toBe(0);
    expect(served('aai')).toBeGreaterThan(0);
  });

  it('calls of MIC: none, or one for each request', () => {
    expect(live('aai').questions).toBe(0);
    const asked = live('mic');
    expect(asked.questions).toBeGreaterThanOrEqual(answersAfter(asked, 0).length);
  });
});
