/**
 * Every status and body that NMI has is given by the real actor in a small world. What it has stands in `src/model/nmi/answers.ts`; an
 * answer that is added there without a case here fails.
 */
import { describe, expect, it } from 'vitest';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { MetadataCall } from '../../../src/model/messages/token.ts';
import {
  ANSWERS,
  ANSWERS_OF_ROUTE,
  HEALTH,
  STATUSES_WITHOUT_IDENTITY,
  STATUSES_WITHOUT_TOKEN,
  WITHOUT_IDENTITY,
  WITHOUT_TOKEN,
} from '../../../src/model/nmi/answers.ts';
import type { FixedAnswer, NoIdentity } from '../../../src/model/nmi/answers.ts';
import { presetKnobs } from '../../../src/model/pod-identity-release/preset-knobs.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { assignedObject, identityObject, meta, NODE, podObject, POD_IP } from '../../support/token-path-objects.ts';
import { runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');
const WORLD: TokenPath = { pods: [podObject()], assigned: [assignedObject(one, 'Assigned')], until: 400 };

/** A call at 10 s, and the world it is made in. */
interface Case {
  readonly path?: TokenPath;
  readonly call?: Partial<MetadataCall>;
  readonly sourceIP?: string;
}

const QUERY = { resource: 'r' };
const NAMED = { podns: 'default', podname: 'app' };
const FAR: TokenPath = {
  assigned: [assignedObject(identityObject('far', { namespace: 'elsewhere' }), 'Assigned')],
  settings: { forceNamespaced: 'yes' },
};
const HEADLESS = { metadataHeader: '' };

/** The usual call of each route; a case says what is different. */
const CALLS = {
  redirect: { path: '/metadata//identity/oauth2/token' },
  token: { path: '/metadata/identity/oauth2/token' },
  invalidTokenPath: { path: '/metadata/identity\\oauth2/token' },
  hostToken: { path: '/host/token/', podHeaders: NAMED, metadataHeader: '' },
  blockedInstance: { path: '/metadata/instance' },
  proxy: { path: '/metadata/instance' },
} as const satisfies Record<keyof typeof ANSWERS_OF_ROUTE, Partial<MetadataCall>>;
type Route = keyof typeof CALLS;

function run(route: Route, { path, call, sourceIP }: Case, more: NonNullable<TokenPath['script']> = []): Seen {
  const asked = (turn: Turn): void =>
    turn.send(`nmi/${NODE}`, {
      type: 'MetadataRequest',
      request: 'q',
      call: { method: 'GET', metadataHeader: 'true', query: QUERY, ...CALLS[route], ...call },
      sourceIP: sourceIP ?? (route === 'hostToken' ? '127.0.0.1' : POD_IP),
      replyTo: 'client',
      sender: 'default/app',
      network: 'pod',
      connection: 'c',
    });
  return runTokenPath({ ...WORLD, ...path, script: [{ at: 10, act: asked }, ...more] });
}

/** Status and text of all answers; `''` for no text. */
function said(seen: Seen): unknown {
  return seen.answers.map(({ status, answer }) => ({ status, text: answer.text ?? '' }));
}

type FixedKey = { [R in Route]: `${R}: ${(typeof ANSWERS_OF_ROUTE)[R][number]}` }[Route];
const FIXED: Readonly<Record<FixedKey, Case>> = {
  'redirect: moved': {},
  'token: metadataHeaderMissing': { call: HEADLESS },
  'token: senderUnreadable': { sourceIP: 'fd00::10' },
  'token: resourceMissing': { call: { query: {} } },
  'token: podUnknown': { path: { pods: [] } },
  'token: podAmbiguous': { path: { pods: [podObject(), podObject('other')] } },
  'token: nothingToIndex': { path: FAR },
  'invalidTokenPath: oddTokenPath': {},
  'hostToken: podHeadersMissing': { call: { podHeaders: { podns: 'default' } } },
  'hostToken: senderNotHost': { sourceIP: POD_IP },
  'hostToken: resourceMissing': { call: { query: {} } },
  'hostToken: nothingToIndex': { path: FAR },
  'blockedInstance: instanceBlocked': { path: { settings: { blockInstanceMetadata: 'yes' } } },
  'proxy: metadataHeaderMissing': { call: HEADLESS },
  'proxy: imdsUnreachable': { path: { imds: () => ({ status: 0 }) } },
};
const ROUTES = Object.keys(ANSWERS_OF_ROUTE) as readonly Route[];
const KNOWN = ROUTES.flatMap((route) =>
  ANSWERS_OF_ROUTE[route].map((name): [FixedKey, Route, FixedAnswer] => [`${route}: ${name}` as FixedKey, route, ANSWERS[name]]),
);

describe('an answer of one status and one text', () => {
  it('has a case on each route that can give it, and a route', () => {
    expect(Object.keys(FIXED).sort()).toEqual(KNOWN.map(([key]) => key).sort());
    expect([...new Set(ROUTES.flatMap((route) => [...ANSWERS_OF_ROUTE[route]]))].sort()).toEqual(Object.keys(ANSWERS).sort());
  });

  it.each(KNOWN)('%s is given', (key, route, { status, text }) => {
    expect(said(run(route, FIXED[key]))).toEqual([{ status, text }]);
  });

  it('that is a panic is stated as one that no metric counts, on both routes, and no other is', () => {
    const uncounted = KNOWN.filter(([key, route]) =>
      run(route, FIXED[key])
        .of('nmi-answered')
        .some(({ isCounted }) => !isCounted),
    );
    expect(uncounted.map(([key]) => key)).toEqual(['token: nothingToIndex', 'hostToken: nothingToIndex']);
  });

  it('that comes from an IMDS which takes the call and stays silent comes after the 30 s of a dial', () => {
    const { answers } = run('proxy', { path: { imds: () => undefined } });
    expect(answers.map(({ status, at, answer }) => ({ status, text: answer.text, at }))).toEqual([{ ...ANSWERS.imdsUnreachable, at: 40 }]);
  });
});

const VARIANT: TokenPath = {
  settings: { lookup: 'mic' },
  fill: (sim) => {
    sim.fill('leases', 'default/aad-pod-identity-mic', {
      kind: 'Endpoints',
      metadata: meta('aad-pod-identity-mic'),
      spec: { holder: 'mic-0', renewedAt: sim.now, transitions: 0 },
    });
  },
};
const HANG_UP = { at: 12, act: (turn: Turn): void => turn.send(`nmi/${NODE}`, { type: 'ConnectionClosed', request: 'q' }) };

/** What the text goes on with, where it does, is in `asked`. */
const NO_IDENTITY: Readonly<Record<NoIdentity, Case & { readonly asked?: string; readonly hangsUp?: 'yes' }>> = {
  notCreated: { path: { assigned: [] } },
  notAssigned: { path: { assigned: [assignedObject(one, 'Created')] } },
  notFitting: { call: { query: { ...QUERY, clientId: 'CLIENT-ONE' } }, asked: ' client id CLIE##### REDACTED #####-ONE' },
  canceled: { path: { assigned: [] }, hangsUp: 'yes' },
  denied: { path: { ...VARIANT, mic: () => [{ after: 0, outcome: 'denied', identities: [] }] } },
  micSilent: { path: { ...VARIANT, mic: () => [] } },
};
const calibration = resolve({});
if (!calibration.ok) throw new Error('the defaults do not resolve');
const statusOf = (knob: (typeof STATUSES_WITHOUT_IDENTITY)['token'][number] | (typeof STATUSES_WITHOUT_TOKEN)[number]): number =>
  calibration.calibration.value(knob);

/** What makes NMI use one of the statuses it has for a missing identity. */
const WHEN: Readonly<Record<(typeof STATUSES_WITHOUT_IDENTITY)['token'][number], Pick<TokenPath, 'overrides' | 'settings'>>> = {
  'nmi.status.noAssignedId': {},
  'nmi.status.noAssignedId.withRetryAfter': { settings: { retryAfterHeader: 'yes' } },
  'nmi.status.tokenError': { settings: { version: '1.5-dev' }, overrides: presetKnobs('1.5-dev') },
};
const REASONS = Object.keys(WITHOUT_IDENTITY) as readonly NoIdentity[];
const MISSING = (['token', 'hostToken'] as const).flatMap((route) =>
  STATUSES_WITHOUT_IDENTITY[route].flatMap((knob) => REASONS.map((why) => [route, statusOf(knob), why, knob] as const)),
);

describe('an answer without identity', () => {
  it.each(MISSING)('%s: %i, %s', (route, status, why, knob) => {
    const { asked = '', hangsUp, path, ...call } = NO_IDENTITY[why];
    const settings = { ...path?.settings, ...WHEN[knob].settings };
    const overrides = { ...path?.overrides, ...WHEN[knob].overrides };
    const seen = run(route, { ...call, path: { ...path, settings, overrides } }, hangsUp === undefined ? [] : [HANG_UP]);
    // Of an answer to a client that is gone only what is stated can be seen.
    expect(said(seen)).toEqual(hangsUp === undefined ? [{ status, text: `${WITHOUT_IDENTITY[why]}${asked}` }] : []);
    const hasRetryAfter = knob === 'nmi.status.noAssignedId.withRetryAfter';
    expect(seen.of('nmi-answered')).toMatchObject([{ status, hasRetryAfter }]);
    expect(seen.answers.every(({ answer }) => answer.retryAfter === (hasRetryAfter ? 20_000_000 : undefined))).toBe(true);
  });

  it('on the host route is no 503 under the flag of Retry-After', () => {
    expect(said(run('hostToken', { path: { assigned: [], settings: { retryAfterHeader: 'yes' } } }))).toEqual([
      { status: 404, text: WITHOUT_IDENTITY.notCreated },
    ]);
  });
});

describe('an answer without token', () => {
  const unreachable: Case = { path: { imds: () => ({ status: 0 }) } };
  const cases: Readonly<Record<(typeof STATUSES_WITHOUT_TOKEN)[number], Case & { readonly words: string }>> = {
    'nmi.status.tokenError': { path: { imds: () => ({ status: 400, text: 'Identity not found' }) }, words: ': Identity not found' },
    'nmi.status.healthCheckError': { ...unreachable, words: '' },
  };
  const all = (['token', 'hostToken'] as const).flatMap((route) =>
    STATUSES_WITHOUT_TOKEN.map((knob) => [route, statusOf(knob), knob] as const),
  );
  it.each(all)('%s: %i', (route, status, knob) => {
    const { words, ...call } = cases[knob];
    expect(said(run(route, call))).toEqual([{ status, text: `${WITHOUT_TOKEN}${words}` }]);
  });

  it('is 403 for an excepted pod, whatever the error', () => {
    const pods = [podObject('app', { owner: 'mic-7d9' })];
    expect(said(run('token', { path: { ...unreachable.path, pods } }))).toEqual([{ status: 403, text: WITHOUT_TOKEN }]);
  });

  it('is 503 where IMDS answers 200 with nothing in it', () => {
    expect(said(run('token', { path: { imds: () => ({ status: 200, body: 'bare' }) } }))).toEqual([{ status: 503, text: WITHOUT_TOKEN }]);
  });
});

describe('an answer that is not of NMI’s making', () => {
  it.each(['token', 'hostToken'] as const)('%s: 200 with the token, and no text', (route) => {
    expect(run(route, {}).answers).toMatchObject([{ status: 200, answer: { body: { token: { appId: 'client-one' }, resource: 'r' } } }]);
  });

  it.each([200, 400, 403, 404, 410, 429, 500, 503])('proxy: %i of IMDS is handed on at once with its words', (status) => {
    const seen = run('proxy', { path: { imds: () => ({ status, text: 'words', body: 'bare' }) } });
    expect([said(seen), seen.answers[0]?.at]).toEqual([[{ status, text: 'words' }], 10]);
  });
});

describe('the health page', () => {
  const probe = (at: number) => ({ at, act: (turn: Turn): void => turn.send(`nmi/${NODE}`, { type: 'Probe', request: 'p' }) });
  const pages = (path: TokenPath): unknown =>
    runTokenPath({ ...WORLD, ...path }).deliveries.flatMap(({ message }) =>
      message.type === 'ProbeAnswer' ? [{ status: message.status, body: message.body }] : [],
    );

  it('says that NMI is not active from the open port to the first rules, then that it is; before, nobody listens', () => {
    const overrides = { 'nmi.init': '5s', 'nmi.init.listenToRules': '3s' };
    const { status, bodies } = HEALTH;
    expect(pages({ nmi: 'cold', overrides, script: [probe(1), probe(3), probe(6)] })).toEqual([
      { status: 0, body: '' },
      { status, body: bodies.missing },
      { status, body: bodies.installed },
    ]);
    expect(Object.keys(bodies)).toHaveLength(2);
  });
});
