/** The documented variant: NMI asks MIC's leader on the request path. */
import { describe, expect, it } from 'vitest';
import type { AzureIdentity } from '../../../src/model/kubernetes.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { identityObject, meta, podObject } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');

/** What MIC says to the n-th question; more than one answer: it pushes the later ones, each that many seconds after the question. */
type MicSays = (n: number) => readonly { readonly after: number; readonly outcome: 'assigned' | 'pending' | 'denied' }[];

function ask(says: MicSays, path: TokenPath = {}): { readonly status: number; readonly took: number; readonly questions: number } {
  const seen = runTokenPath({
    pods: [podObject()],
    until: 400,
    mic: (n) =>
      says(n).map(({ after, outcome }) => ({
        after,
        outcome,
        identities: outcome === 'assigned' ? ([one] as readonly AzureIdentity[]) : [],
      })),
    script: [{ at: 10, act: requestToken('q') }],
    ...path,
    settings: { lookup: 'mic', ...path.settings },
    fill: (sim) => {
      sim.fill('leases', 'default/aad-pod-identity-mic', {
        kind: 'Endpoints',
        metadata: meta('aad-pod-identity-mic'),
        spec: { holder: 'mic-0', renewedAt: sim.now, transitions: 0 },
      });
      path.fill?.(sim);
    },
  });
  const questions = seen.deliveries.filter(
    ({ message }): boolean => message.type === ('IdentityLookup' satisfies MessageOf<'IdentityLookup'>['type']),
  );
  const [answer] = seen.answers;
  return { status: answer?.status ?? -1, took: Math.round(((answer?.at ?? 0) - 10) * 1e6) / 1e6, questions: questions.length };
}

describe('NMI asking MIC', () => {
  it('goes on with what MIC assigned', () => {
    expect(ask(() => [{ after: 0, outcome: 'assigned' }])).toEqual({ status: 200, took: 0, questions: 1 });
  });

  it('answers 404 at once when MIC denies', () => {
    expect(ask(() => [{ after: 0, outcome: 'denied' }])).toEqual({ status: 404, took: 0, questions: 1 });
  });

  it('waits for MIC’s word on a pending one: 37 s', () => {
    const says: MicSays = () => [
      { after: 0, outcome: 'pending' },
      { after: 37, outcome: 'assigned' },
    ];
    expect(ask(says)).toEqual({ status: 200, took: 37, questions: 8 });
  });

  it('asks every 5 s where MIC does not push', () => {
    const says: MicSays = (n) => [{ after: 0, outcome: n < 3 ? 'pending' : 'assigned' }];
    expect(ask(says, { overrides: { 'variantS.pendingWait': 'poll' } })).toEqual({ status: 200, took: 15, questions: 4 });
  });

  it('gives up a pending one after 100 s, by either way', () => {
    expect(ask(() => [{ after: 0, outcome: 'pending' }])).toEqual({ status: 404, took: 100, questions: 21 });
    expect(ask(() => [{ after: 0, outcome: 'pending' }], { overrides: { 'variantS.pendingWait': 'poll' } })).toEqual({
      status: 404,
      took: 100,
      questions: 21,
    });
  });

  it('asks four times, 2 s each and 1 s between, when MIC is silent: 404 after 11 s', () => {
    expect(ask(() => [])).toEqual({ status: 404, took: 11, questions: 4 });
  });

  it('remembers a denial where that is wanted', () => {
    const path: TokenPath = {
      overrides: { 'variantS.negativeCacheTtl': '30s' },
      script: [10, 20, 50].map((at) => ({ at, act: requestToken(`q${String(at)}`) })),
    };
    expect(ask(() => [{ after: 0, outcome: 'denied' }], path).questions).toBe(2);
  });
});
