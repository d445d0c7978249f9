/** NMI's rules as functions: routes, matching, choice, exceptions, adal's schedule. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import { candidates } from '../../../src/model/nmi/choice.ts';
import { isExcepted, isMic, replicaSetOf } from '../../../src/model/nmi/exceptions.ts';
import { lookAt } from '../../../src/model/nmi/matching.ts';
import { cleanPath, routeOf } from '../../../src/model/nmi/routes.ts';
import { hasResource, parseTokenRequest, sourceAddress } from '../../../src/model/nmi/token-request.ts';
import { afterAnswer } from '../../../src/model/nmi/upstream.ts';
import { afterLook, hasLook } from '../../../src/model/nmi/wait-loop.ts';
import { assignedObject, identityObject, meta, podObject } from '../../support/token-path-objects.ts';

describe('routes', () => {
  it.each([
    ['/metadata/identity/oauth2/token', 'token'],
    ['/metadata/identity/oauth2/token/', 'token'],
    ['/METADATA/identity/oauth2/token', 'token'],
    ['/metadata/Identity/oauth2/token', 'proxy'],
    ['/metadata/identity\\oauth2/token/', 'invalidTokenPath'],
    ['/metadata/identity/oauth2\\token/', 'invalidTokenPath'],
    ['/metadata/identity/\\oauth2\\token/', 'invalidTokenPath'],
    ['/host/token/', 'hostToken'],
    ['/metadata/instance', 'blockedInstance'],
    ['/Metadata/instance/', 'blockedInstance'],
    ['/metadata/', 'proxy'],
    ['/metadata/identity/info', 'proxy'],
    ['/metadata//instance', 'redirect'],
    ['/metadata/../host/token', 'redirect'],
  ])('%s goes to %s', (path, route) => {
    expect(routeOf(path, { isInstanceBlocked: true })).toBe(route);
  });

  it('proxies instance metadata where it is not blocked', () => {
    expect(routeOf('/metadata/instance', { isInstanceBlocked: false })).toBe('proxy');
  });

  // Claim: cleaning is idempotent and never climbs above the root. Method: random segments.
  test.prop({ parts: fc.array(fc.constantFrom('', '.', '..', 'a', 'host', 'token')) })('a cleaned path is clean', ({ parts }) => {
    const clean = cleanPath(`/${parts.join('/')}`);
    expect(cleanPath(clean)).toBe(clean);
    expect(clean.startsWith('/')).toBe(true);
    expect(clean.split('/')).not.toContain('..');
  });
});

describe('token requests', () => {
  it('reads client id, resource id and resource, nothing else', () => {
    expect(parseTokenRequest({ objectId: 'o', apiVersion: 'v', resource: 'r' })).toEqual({ clientId: '', resourceId: '', resource: 'r' });
    expect([hasResource(parseTokenRequest({ resource: 'r' })), hasResource(parseTokenRequest({}))]).toEqual([true, false]);
  });

  it('knows IPv4 senders only', () => {
    expect(['10.0.0.1', '::1', '', 'host'].map(sourceAddress)).toEqual(['10.0.0.1', '', '', '']);
  });
});

describe('matching', () => {
  const one = identityObject('one');
  const two = identityObject('two');
  const seen = (...items: readonly ReturnType<typeof assignedObject>[]): readonly { readonly value: ReturnType<typeof assignedObject> }[] =>
    items.map((value) => ({ value }));
  const nobody = { clientId: '', resourceId: '' };

  it('gives all of the state, not only the one named, and legacy before Assigned', () => {
    const both = seen(assignedObject(one, 'Assigned'), assignedObject(two, 'Assigned'));
    expect(lookAt(both, { clientId: 'CLIENT-TWO', resourceId: '' })).toMatchObject({ kind: 'usable', usable: both });
    const legacy = seen(assignedObject(one, 'Assigned'), assignedObject(two, ''));
    expect(lookAt(legacy, nobody)).toEqual({ kind: 'usable', usable: legacy.slice(1) });
  });

  it('counts as created only what is named, if something is', () => {
    const created = seen(assignedObject(one, 'Created'), assignedObject(two, 'Unassigned'));
    expect(lookAt(created, nobody).kind).toBe('created');
    expect(lookAt(created, { clientId: 'client-two', resourceId: '' }).kind).toBe('none');
    expect(lookAt(created, { clientId: '', resourceId: '/RESOURCE/ONE' }).kind).toBe('created');
  });

  it('never matches an empty parameter with an empty field', () => {
    const bare = seen(assignedObject(identityObject('x', { clientID: '' }), 'Assigned'));
    expect(lookAt(bare, { clientId: '', resourceId: '/resource/none' }).kind).toBe('none');
  });

  it('takes one of both parameters for enough, exactly spelled', () => {
    const question = { podNamespace: 'default', isNamespaced: false };
    expect(candidates([one, two], { ...question, wanted: { clientId: 'client-one', resourceId: '/resource/two' } })).toEqual([one, two]);
    expect(candidates([one, two], { ...question, wanted: { clientId: 'Client-One', resourceId: '' } })).toEqual([]);
  });
});

describe('exceptions', () => {
  const exception = (podLabels: Readonly<Record<string, string>>) =>
    ({ kind: 'AzurePodIdentityException', metadata: meta('e'), spec: { podLabels } }) as const;

  it('one label of one exception is enough; keys exactly, values in any case', () => {
    expect(isExcepted({ foo: 'Except' }, [exception({ foo: 'not' }), exception({ bar: 'x', foo: 'except' })])).toBe(true);
    expect(isExcepted({ Foo: 'except' }, [exception({ foo: 'except' })])).toBe(false);
    expect(isExcepted({}, [exception({ toString: 'x' })])).toBe(false);
    expect(isExcepted({ foo: 'bar' }, [])).toBe(false);
  });

  it('MIC is whoever runs in its namespace from a ReplicaSet that starts with mic', () => {
    expect(isMic(podObject('p', { owner: 'mic-5f7' }), 'DEFAULT')).toBe(true);
    expect(isMic(podObject('p', { owner: 'microsvc-5f7' }), 'default')).toBe(true);
    expect(isMic(podObject('p', { owner: 'atomic-5f7' }), 'default')).toBe(false);
    expect(isMic(podObject('mic-0'), 'default')).toBe(false);
    expect([replicaSetOf(podObject('p', { owner: 'web-1' })), replicaSetOf(podObject('p'))]).toEqual(['web-1', '']);
  });
});

describe('wait loop and adal as arithmetic', () => {
  // Claim: with limits C and A and one state for ever, the loop ends after C looks (nothing) or C + A (Created). Method: random limits.
  test.prop({ created: fc.integer({ min: 1, max: 40 }), assigned: fc.integer({ min: 1, max: 40 }) })(
    'ends after C or C + A intervals',
    (limits) => {
      const endOf = (kind: 'created' | 'none'): number => {
        let attempt = 0;
        while (hasLook(attempt, limits) && afterLook(kind, attempt, limits) === 'sleep') attempt += 1;
        return attempt;
      };
      expect(endOf('none')).toBe(limits.created);
      expect(endOf('created')).toBe(limits.created + limits.assigned);
    },
  );

  it('adal sleeps 2, 6, 14, 30 s and, after its last try, 60 s more', () => {
    const schedule = { attempts: 5, delays: [2, 6, 14, 30, 60].map(seconds) };
    const steps = [0, 1, 2, 3, 4].map((attempt) => afterAnswer(503, attempt, schedule));
    expect(steps.map(({ kind }) => kind)).toEqual(['again', 'again', 'again', 'again', 'done']);
    expect(steps.map(({ sleep }) => sleep)).toEqual(schedule.delays);
    expect(afterAnswer(400, 0, schedule)).toEqual({ kind: 'done', sleep: undefined });
  });
});
