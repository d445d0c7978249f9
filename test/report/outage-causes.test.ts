/** For what the time of an outage counts: by what each try was told last, and by what was in the way while nobody said anything. */
import { describe, expect, test } from 'vitest';
import type { Fact, FactOf } from '../../src/model/facts/index.ts';
import type { WorkloadRow } from '../../src/model/workload.ts';
import type { OutageCause } from '../../src/report/access/causes.ts';
import { assigned, azureIdentity, binding, CLIENT, fact, pod, settings, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const SECOND = 1_000_000;
const WEB = 'default/web';
const KEY = 'default/web-default-reader';
const OTHER = '99999999-0000-4000-8000-000000000009';
const base: Filling = { ...settledWorld(), nodeRules: { 'node-a': { node: 'node-a', chain: 'full', jump: 'present', listener: 'up' } } };
const noAssigned: Filling = { ...base, azureAssignedIdentities: {} };

const tried = (status: number, servedBy = 'nmi', more: Partial<FactOf<'token-try-ended'>> = {}): Fact => {
  return { type: 'token-try-ended', pod: WEB, request: 'r', attempt: 1, status, servedBy, took: 1000 as never, ...more };
};
const resolved = (as: string): Fact => {
  return { type: 'nmi-resolved', node: 'node-a', request: 'r', sender: WEB, resolved: as, isExcepted: false };
};
const imds = (status: number, error = ''): Fact => ({
  ...{ type: 'imds-answered', vm: 'node-a', request: 'r', sender: WEB, status },
  ...{ clientId: CLIENT, objectId: '', resource: '', isCached: false, error },
});
const none = (status = 404): Fact => fact.nmi(status, { clientId: '', identity: '', found: 'none' });
const asked = states(1, fact.asked('r'));
const quiet = states(5, fact.tried(200));

/** `cause seconds failed` of all causes that have any. */
function outageOf(steps: readonly Step[], fill: Filling = base): readonly string[] {
  return scriptedRun(steps, { fill })
    .report()
    .access.outage.causes.filter(({ us, failed }) => us > 0 || failed > 0)
    .map(({ cause, us, failed }) => `${cause} ${String(us / SECOND)} ${String(failed)}`);
}

describe('a refused try counts for what its process was told last', () => {
  const cases: readonly (readonly [what: string, said: readonly Fact[], cause: OutageCause])[] = [
    ['NMI took it for another, and then for nobody', [resolved('default/old'), resolved(''), none(), tried(404)], 'notAssigned'],
    [
      'NMI took it for another, and then knew no pod',
      [resolved('default/old'), fact.nmi(500, { clientId: '', identity: '', pod: '' }), tried(500)],
      'podUnknown',
    ],
    ['IMDS refused, and then gave a token', [imds(429), imds(200), none(), tried(404)], 'notAssigned'],
    ['NMI asks for patience', [none(503), tried(503)], 'notAssigned'],
    ['NMI has an identity and refuses all the same', [fact.nmi(404, { clientId: '' }), tried(404)], 'nmiRefused'],
    ['NMI forbids it to a sender it does not know', [fact.nmi(403, { clientId: '', identity: '', pod: '' }), tried(403)], 'nmiRefused'],
    ['NMI gives another code', [fact.nmi(409, { clientId: '', identity: '' }), tried(409)], 'nmiRefused'],
    ['NMI says nothing that is known', [tried(500)], 'nmiRefused'],
    ['Entra refuses NMI, for a service principal', [fact.nmi(401), tried(401)], 'entraRefused'],
    ['Entra fails NMI', [fact.nmi(502), tried(502)], 'entraFailing'],
    ['IMDS says itself', [tried(429, 'imds')], 'imdsThrottled'],
    ['IMDS is being updated', [imds(404), tried(404, 'imds')], 'imdsUpdating'],
    ['Entra refuses IMDS', [imds(400, 'AADSTS700016'), tried(400, 'imds')], 'entraRefused'],
    ['Entra throttles IMDS', [imds(429, 'AADSTS50196'), tried(429, 'imds')], 'imdsThrottled'],
    ['Entra fails IMDS', [imds(500, 'AADSTS90033'), tried(500, 'imds')], 'entraFailing'],
  ];

  test.each(cases)('%s', (_what, said, cause) => {
    expect(outageOf([asked, states(4, ...said), states(0, fact.answered('r')), quiet])).toEqual([`${cause} 4 0`]);
  });

  test('and the next try for what it is told itself', () => {
    const steps = [asked, states(4, imds(429), fact.nmi(429), tried(429)), states(2, none(), tried(404)), states(0, fact.answered('r'))];
    expect(outageOf(steps)).toEqual(['notAssigned 2 0', 'imdsThrottled 4 0']);
  });
});

describe('a probe for an endpoint', () => {
  test.each([
    [400, []],
    [499, []],
    [500, ['nmiRefused 3 0']],
    [0, ['unreachable 3 0']],
    [-1, ['clientTimeout 3 0']],
  ])('that ends with %i: %j', (status, outage) => {
    expect(outageOf([asked, states(3, tried(status, 'nmi', { attempt: 0 })), states(0, fact.answered('r')), quiet])).toEqual(outage);
  });
});

describe('an outage', () => {
  const refused = states(4, none(), tried(404));

  test('ends with a token, whatever request brings it, and not with one of its own cache', () => {
    expect(outageOf([asked, refused, states(2, fact.answered('another')), quiet])).toEqual(['notAssigned 6 0']);
    expect(outageOf([asked, refused, states(2, fact.answered('r', { servedBy: 'clientCache' })), quiet])).toEqual([]);
    expect(outageOf([asked, refused, states(2, fact.answered('x', { requestedClientId: OTHER })), quiet])).toEqual(['notAssigned 11 0']);
  });

  test('ends with its own process, not with that of another', () => {
    expect(outageOf([asked, refused, states(2, fact.containerEnded('default/api')), quiet])).toEqual(['notAssigned 11 0']);
    expect(outageOf([asked, refused, states(2, fact.containerEnded(WEB)), quiet])).toEqual(['notAssigned 6 0']);
  });

  test('says nothing of the next process of that pod', () => {
    const mistaken = states(4, resolved('default/old'), none(), tried(404));
    const next = states(1, fact.containerEnded(WEB), fact.asked('n'));
    const timeout = states(3, tried(-1, '', { request: 'n' }), fact.answered('n'));
    expect(outageOf([asked, mistaken, next, timeout, quiet])).toEqual(['takenForOther 5 0', 'clientTimeout 3 0']);
  });

  test('counts each asking that failed once, also one that failed at once', () => {
    expect(outageOf([asked, states(4, none(), tried(404), fact.failed('r'), fact.failed('r')), states(0, fact.answered('r'))])).toEqual([
      'notAssigned 4 1',
    ]);
    expect(outageOf([states(1, fact.asked('r'), none(), tried(404), fact.failed('r'), fact.answered('r')), quiet])).toEqual([
      'notAssigned 0 1',
    ]);
  });

  test('is none where an asking fails of which no try was refused, or where nobody knows who tried', () => {
    expect(outageOf([asked, states(4, fact.failed('r')), quiet])).toEqual([]);
    expect(outageOf([states(4, none(), tried(404)), quiet])).toEqual([]);
  });

  test('is that of a process in no pod as well, and of one that names no identity where one is bound', () => {
    const timeout = [states(3, tried(-1, '', { pod: 'vm-1' })), states(0, fact.answered('r', { pod: 'vm-1' })), quiet];
    expect(outageOf([states(1, fact.asked('r', { pod: 'vm-1' })), ...timeout])).toEqual(['clientTimeout 3 0']);
    const unnamed = [
      states(1, fact.asked('r', { clientId: '' })),
      refused,
      states(0, fact.answered('r', { requestedClientId: '' })),
      quiet,
    ];
    expect(outageOf(unnamed)).toEqual(['notAssigned 4 0']);
    expect(outageOf(unnamed, { ...base, azureIdentityBindings: {} })).toEqual([]);
  });
});

describe('while nobody answers, time counts for what is in the way', () => {
  const timeout = [states(6, tried(-1, '')), states(0, fact.answered('r')), quiet];
  const second = azureIdentity();
  const other = { ...second, metadata: { ...second.metadata, name: 'other' }, spec: { ...second.spec, clientID: OTHER } };
  const otherBound: Filling = {
    azureIdentities: { 'default/reader': second, 'default/other': other },
    azureIdentityBindings: {
      'default/reader-binding': binding(),
      'default/other-binding': {
        ...binding(),
        metadata: { ...binding().metadata, name: 'other-binding' },
        spec: { azureIdentity: 'other', selector: 'reader' },
      },
    },
  };

  test('MIC has done nothing yet, or not all', () => {
    expect(outageOf([asked, ...timeout], noAssigned)).toEqual(['notAssigned 6 0']);
    expect(outageOf([asked, ...timeout], { ...base, azureAssignedIdentities: { [KEY]: assigned('web', 'Created') } })).toEqual([
      'stillCreated 6 0',
    ]);
    expect(outageOf([asked, ...timeout])).toEqual(['clientTimeout 6 0']);
  });

  test('for the identity asked for, not for another of the same pod', () => {
    const ofOther = [
      states(1, fact.asked('r', { clientId: OTHER })),
      states(6, tried(-1, '')),
      states(0, fact.answered('r', { requestedClientId: OTHER })),
      quiet,
    ];
    expect(outageOf(ofOther, { ...base, ...otherBound })).toEqual(['notAssigned 6 0']);
    expect(outageOf([asked, ...timeout], { ...base, ...otherBound })).toEqual(['clientTimeout 6 0']);
  });

  test('not for MIC where NMI asks nobody, where the pod gets around NMI, or shows a credential of its own', () => {
    expect(outageOf([asked, ...timeout], { ...noAssigned, settings: { podIdentity: settings({ mode: 'managed' }) } })).toEqual([
      'clientTimeout 6 0',
    ]);
    const onHost = { ...pod('web'), spec: { ...pod('web').spec, hostNetwork: true } };
    expect(outageOf([asked, ...timeout], { ...noAssigned, pods: { [WEB]: onHost } })).toEqual(['clientTimeout 6 0']);
    const own: WorkloadRow = {
      ...{ name: 'web', client: 'naive', clientId: CLIENT, resource: 'https://vault.azure.net', service: '', every: 30_000_000 as never },
      credential: { kind: 'secret', value: 's' } as never,
      select: { namespace: 'default', pod: 'web', labels: {} },
    };
    expect(outageOf([asked, ...timeout], { ...noAssigned, workloads: { web: own } })).toEqual(['clientTimeout 6 0']);
  });

  test('for both identities that a pod asks for, as each comes', () => {
    const steps = [
      states(1, fact.asked('r'), fact.asked('o', { clientId: OTHER })),
      writes(2, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') }),
      states(4, tried(-1, ''), tried(-1, '', { request: 'o' }), fact.answered('r'), fact.answered('o', { requestedClientId: OTHER })),
      quiet,
    ];
    expect(outageOf(steps, { ...noAssigned, ...otherBound })).toEqual(['notAssigned 8 0', 'stillCreated 4 0']);
  });

  test('to the moment at which it was gone, and what comes after for what was known last', () => {
    const steps = [asked, states(2, imds(500)), states(3, imds(200)), states(1, tried(-1, '')), states(0, fact.answered('r')), quiet];
    expect(outageOf(steps)).toEqual(['imdsFailing 6 0']);
  });
});
