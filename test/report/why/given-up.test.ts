/** Claim: where a client gave up, the answer tells what was done with its request until then. */
import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../../src/kernel/time.ts';
import type { Stamped } from '../../../src/report/watcher.ts';
import { rulesOf, rulesOfError, worthTelling } from '../../../src/report/why/rules.ts';
import { asked, runOf, saidOf } from './asked.ts';

const reuse = runOf('pod-ip-reuse');
const timedOut = asked('token of pod early-8d48cjb-ngj98', reuse);

describe('why a client that gave up has no token', () => {
  it('follows NMI to its last look, and says what it was still at', () => {
    const { text } = saidOf(timedOut);
    expect(text).toMatch(/NMI on \S+ looked again for an AzureAssignedIdentity of the pod/u);
    expect(text).toContain('the client gave try 1 up after 60.0 s');
    expect(text).toMatch(
      /NMI on aks-pool1-vmss000000 was still at it: it had found no assigned identity for default\/shop-\S+, for which it took the sender/u,
    );
    expect(text).not.toContain('-1');
  });

  it('divides the wait as the chain goes, to its whole length', () => {
    expect(timedOut.parts[0]).toMatchObject({ part: 'nmiPoll', tookUs: 55_000_000 });
    expect(timedOut.parts.reduce((sum, { tookUs }) => sum + tookUs, 0)).toBe(60_000_000);
  });

  it('says of one whose calls of IMDS failed what IMDS had answered', () => {
    const outage = runOf('aad-outage', { 'client.http.timeout': '3s' });
    const { text } = saidOf(asked('first token-failed[reason=timedOut]', outage));
    expect(text).toMatch(/still at it: it \S+.* IMDS.*, which had answered 500 before/u);
  });
});

describe('a rule is told only where its condition held', () => {
  it('does not name kubenet on Azure CNI', () => {
    const { text, rules } = saidOf(asked('race servedOtherPod', reuse));
    expect(text).toContain('by the address that the request came from');
    expect(rules).not.toContain('ubenet');
  });

  it('does not take what NMI answers a client that hung up for the end of its looks', () => {
    const late = asked('first nmi-answered[sender=default/desk-*,status=404]', reuse);
    expect(saidOf(late).text).toMatch(/NMI on \S+ answered default\/desk-\S+ 404/u);
    expect(saidOf(late).rules).not.toContain('nmi.lookup');
  });

  const notFound: Stamped = {
    at: ORIGIN,
    event: 1,
    actor: 'imds/n',
    fact: {
      type: 'imds-answered',
      vm: 'n',
      request: 'r',
      sender: 'a/b',
      status: 400,
      clientId: 'c',
      objectId: '',
      resource: 'https://vault.azure.net',
      isCached: false,
      error: 'Identity not found',
    },
  };

  it('names the stale entry of IMDS only where there is a chance of it', () => {
    const context = { release: '', network: 'azure', overrides: [] } as const;
    expect(worthTelling(rulesOf(notFound), context)).toEqual([]);
    const overrides = [{ knob: 'imds.staleIdentityBug.prob', value: '0.5' }];
    expect(worthTelling(rulesOf(notFound), { ...context, overrides })).toEqual(['imds.staleIdentityBug.prob']);
  });

  it('names what identities a write must have only for one that was not found', () => {
    expect(rulesOfError("FailedIdentityOperation: Number '151' Assign exceed limit '150' in one request")).not.toContain(
      'mi.assign.validation',
    );
    expect(rulesOfError("FailedIdentityOperation: resource 'x' was not found")).toContain('mi.assign.validation');
  });
});
