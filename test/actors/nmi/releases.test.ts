/** What NMI does under the releases: each change by its outcome, before and with it. */
import { describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/pod-identity-release/release.ts';
import { presetKnobs } from '../../../src/model/pod-identity-release/preset-knobs.ts';
import { NODE, assignedObject, identityObject, podObject } from '../../support/token-path-objects.ts';
import { requestToken, runTokenPath } from '../../support/token-path.ts';
import type { Seen, TokenPath } from '../../support/token-path.ts';

const one = identityObject('one');
const TOKEN_PATH = '/metadata/identity/oauth2/token';

function under(release: Release, path: TokenPath): Seen {
  const overrides = { ...presetKnobs(release), ...path.overrides };
  return runTokenPath({ pods: [podObject()], until: 400, ...path, overrides, settings: { version: release, ...path.settings } });
}

/** Status and seconds of the answer to one request at 10 s; `imds` where IMDS got it as it was. */
function ask(release: Release, path: TokenPath, more: Parameters<typeof requestToken>[1] = {}): string {
  const { answers } = under(release, { ...path, script: [...(path.script ?? []), { at: 10, act: requestToken('q', more) }] });
  const [answer] = answers;
  return `${String(answer?.answer.status)} after ${String(Math.round((answer?.at ?? 0) - 10))}`;
}

/** Paths that reached IMDS. */
function handedOn(release: Release, path: string): readonly string[] {
  const call = { method: 'GET', path, metadataHeader: 'true', query: { resource: 'r' } };
  const seen = under(release, { assigned: [], script: [{ at: 10, act: requestToken('q', { call }) }] });
  return seen.deliveries.flatMap(({ actor, message }) =>
    actor.startsWith('imds/') && message.type === 'MetadataRequest' ? [message.call.path] : [],
  );
}

describe('the search for an identity', () => {
  it('was one look, then waited 30, 45 and 80 s for one that is never Created; the answer was 403 and is 404', () => {
    expect(ask('1.4', {})).toBe('403 after 0');
    expect(ask('1.5-dev', {})).toBe('403 after 30');
    expect(ask('1.5-rc2', {})).toBe('403 after 45');
    expect(ask('1.5', {})).toBe('403 after 80');
    expect(ask('1.6.0', {})).toBe('403 after 80');
    expect(ask('1.6.1', {})).toBe('404 after 80');
  });

  it('waited 60, 60 and 100 s for one that stays Created, and told it from one that is not there since 1.5-rc2', () => {
    const created: TokenPath = { assigned: [assignedObject(one, 'Created')] };
    expect(ask('1.5-dev', created)).toBe('403 after 60');
    expect(ask('1.5-rc2', created)).toBe('404 after 60');
    expect(ask('1.5', created)).toBe('404 after 100');
  });

  it('finds one without a state, as MIC wrote it up to 1.4', () => {
    expect(ask('1.4', { assigned: [assignedObject(one, '')] })).toBe('200 after 0');
  });
});

describe('the check of the rules', () => {
  const offs = (release: Release): number =>
    under(release, { assigned: [], until: 400 })
      .of('rules-changed')
      .filter(({ redirect }) => redirect === 'off').length;

  it('flushed and wrote them anew each minute in 1.5.5, though nothing was wrong', () => {
    expect([offs('1.5.4'), offs('1.5.5'), offs('1.6.0')].map((count) => count >= 6)).toEqual([false, true, false]);
    expect([offs('1.5.4'), offs('1.6.0')]).toEqual([0, 0]);
  });
});

describe('the port', () => {
  it('serves a request without the Metadata header before 1.8.4, unless a flag of 1.6.0 says otherwise', () => {
    const bare = { call: { method: 'GET', path: TOKEN_PATH, query: { resource: 'r' } } };
    const assigned = [assignedObject(one, 'Assigned')];
    expect(ask('1.8.3', { assigned }, bare)).toBe('200 after 0');
    expect(ask('1.8.4', { assigned }, bare)).toBe('400 after 0');
    expect(ask('1.6.0', { assigned, overrides: { 'nmi.headerRequired': 'true' } }, bare)).toBe('400 after 0');
  });

  it('hands a path in other letters on to IMDS before 1.7.5', () => {
    const shouted = TOKEN_PATH.replace('metadata', 'METADATA');
    expect(handedOn('1.7.4', shouted)).toEqual([shouted]);
    expect(handedOn('1.7.5', shouted)).toEqual([]);
  });

  it('hands a path that only IMDS takes for a token request on to it before 1.8.13 (CVE-2022-23551)', () => {
    const odd = '/metadata/identity\\oauth2\\token/';
    expect(handedOn('1.8.12', odd)).toEqual([odd]);
    expect(handedOn('1.8.13', odd)).toEqual([]);
  });

  it('tells an IMDS that cannot be reached by 503 since 1.8.6, and by 403 before', () => {
    const silent: TokenPath = { assigned: [assignedObject(one, 'Assigned')], imds: () => ({ status: 0 }) };
    expect(ask('1.8.5', silent)).toBe('403 after 112');
    expect(ask('1.8.6', silent)).toBe('503 after 112');
  });
});

describe('the user agent', () => {
  it('grows with every call before 1.5.1, until IMDS refuses the headers (INC-41)', () => {
    const busy: TokenPath = {
      assigned: [assignedObject(one, 'Assigned')],
      overrides: { 'nmi.userAgent.mostCalls': 3 },
      script: Array.from({ length: 5 }, (_, n) => ({ at: 10 + n, act: requestToken(`q${String(n)}`) })),
    };
    const headers = (release: Release): readonly unknown[] =>
      under(release, busy).deliveries.flatMap(({ actor, message }) =>
        actor.startsWith('imds/') && message.type === 'MetadataRequest' ? [message.call.headers] : [],
      );
    expect(headers('1.5')).toEqual([undefined, undefined, undefined, 'tooLong', 'tooLong']);
    expect(headers('1.5.1')).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('the process', () => {
  it('takes its rules away on SIGTERM since 1.5-dev; before, they stayed and led to a closed port', () => {
    const told: TokenPath = {
      script: [
        { at: 5, act: (turn) => turn.send(`nmi/${NODE}`, { type: 'Signal', signal: 'SIGTERM' }) },
        { at: 10, act: requestToken('q') },
      ],
    };
    const rules = (release: Release): unknown => under(release, told).sim.table('nodeRules').get(NODE)?.chain;
    expect(rules('1.4')).toBe('full');
    expect(rules('1.5-dev')).toBe('absent');
    expect(under('1.4', told).answers[0]?.answer.status).toBe(0);
  });

  it('ends on kubenet since 1.7.0', () => {
    const phases = (release: Release): readonly string[] =>
      under(release, { nmi: 'cold', settings: { network: 'kubenet' } })
        .of('nmi-phase')
        .map(({ phase }) => phase);
    expect(phases('1.6.3')).toContain('serving');
    expect(phases('1.7.0')).toEqual(['starting', 'dead']);
  });
});
