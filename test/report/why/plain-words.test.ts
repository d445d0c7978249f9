/** Claim: a leftover is led back to what left it, and what is told again and again is told once, in words of no program. */
import { describe, expect, it } from 'vitest';
import { incidentFiles, incidentIdOf } from '../../../src/cli/package-folder.ts';
import { needScenario } from '../../../src/cli/scenario-file.ts';
import { asked, reasonsOf, runIn, runOf, saidOf } from './asked.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { packaged } from '../../support/packaged.ts';

const UNTIL_MIC_COMES_BACK = 100 * 60_000_000;

async function incident(id: string): Promise<ScenarioDescription> {
  const { scenario } = await needScenario(incidentFiles().find((file) => incidentIdOf(file) === id) ?? '');
  return scenario;
}

describe('why a leftover', () => {
  it('leads to the write that put the identity back after MIC had decided to remove it', () => {
    const { text } = saidOf(asked('leftover', runOf('aks-sql-token', {}, undefined, 'idflow/5')));
    expect(text).toMatch(/the operation on aks-pool1-vmss succeeded after .*: 1 added, 0 removed$/u);
  });

  it('of an identity that is gone says that its roles stay, and that its tokens work on', () => {
    const run = runOf('aks-sql-token');
    expect(reasonsOf(asked('leftover SQL', run)).because).toMatch(
      /orders-id was deleted at 00:25:00\.1; its role assignments stay[^]*rbac\.orphanAssignment, by default kept/u,
    );
    const token = run.report.cleanup.leftExamples.find(({ kind }) => kind === 'liveTokens')?.what ?? '';
    expect(reasonsOf(asked(`leftover ${token}`, run)).because).toContain('a token that was issued before works until it expires');
  });

  it('on a machine that is gone says that ARM was not asked', () => {
    const { because } = reasonsOf(asked('leftover shop-id', runOf('scale-in-during-assignment')));
    expect(because).toMatch(/at 00:02:33\.2 MIC asked ARM for no removal of shop-id when \S+ went, for its node is gone/u);
  });

  it('begins with the deletion that made it one, and names the end of the MIC that should have seen to it', () => {
    const scenario = packaged('migration-right');
    const steps = scenario.steps.filter(({ at }) => at < UNTIL_MIC_COMES_BACK);
    const answer = asked('leftover', runIn({ ...scenario, steps }));
    const { because } = reasonsOf(answer);
    expect(because).toMatch(/at 00:30:00\.0: the story: MIC goes[^]*no MIC process leads since 00:30:00\.5/u);
    expect(because).toMatch(/at 01:30:00\.0 pod default\/shop-\S+ was deleted, and from then on no pod needed it there$/u);
    expect(answer.chain.at(-1)).toMatchObject({ event: 535, sentence: expect.stringContaining('delete Pod shop-') as string });
  });

  it('that nobody had to take away says so, of all or of one by its name', () => {
    const run = runOf('cluster-deleted');
    const { because } = reasonsOf(asked('leftover', run));
    expect(because).toMatch(/the story: az aks delete\nby design: role assignment [^]*: shop-id outlives the cluster/u);
    expect(because).toContain('by design: federated credential desk of desk-id, after cluster was deleted at 00:10:00.4: it trusts');
    expect(because).not.toContain('no MIC process leads');
    expect(reasonsOf(asked('leftover federated credential', run)).because.split('\n')).toHaveLength(2);
    expect(asked('leftover of nothing like it', run).found).toBe('nothing');
  });

  it('names the rules of IMDS where a token is left', () => {
    const answer = asked('leftover', runOf('binding-deleted', { 'imds.unassign.cachedTokenDropped': '0' }));
    expect(answer.answer).toContain('IMDS may hand it out');
    expect(answer.because.at(-1)?.rules.join('\n')).toContain('imds.cache.serveUntil');
  });
});

describe('a rule', () => {
  it('is told with the value that the NMI of the node has by its own release', async () => {
    const { because } = reasonsOf(asked('last nmi-answered[status=400]', runIn(await incident('INC-47'))));
    expect(because).toContain('nmi.headerRequired, of NMI 1.8.6 by default true');
    expect(because).not.toContain('here false');
  });
});

describe('plain words', () => {
  it('tell waits for the own limit of MIC and equal steps once', async () => {
    const { text } = saidOf(asked('last token-answered[isFirst=true]', runIn(await incident('INC-62'))));
    expect(text).toMatch(/19 calls waited for its own rate limit, 192 ms to 3\.8 s/u);
    expect(text).toContain('Apply manifests/app-8.yaml (5 times)');
  });

  it('say of an assigned identity without a status that it has none, and what that means', async () => {
    const { standing } = asked('token of pod web-1 at 7:00', runIn(await incident('INC-05')));
    expect(standing.map(({ text }) => text).join('\n')).toContain(
      'web-1-default-shop has no status (before 1.5 that means Assigned) since 00:01:15.7',
    );
  });

  it('name the deadline of the lock, and what kept MIC from renewing it', async () => {
    const answer = asked('first mic-stopped[reason=leader election lost]', runIn(await incident('INC-27')));
    expect(saidOf(answer).text).toMatch(/the time in which MIC \S+ must renew its lock was over/u);
    expect(answer.because.map(({ text }) => text)[0]).toMatch(/the story: Calls of the API server take 8 s$/u);
    expect(reasonsOf(answer).because).toContain('mic.lease.renewDeadline, by default 7.5 s');
  });

  it('say of a worker whose call is lost which call it is, and what that means', async () => {
    const { because } = reasonsOf(asked('first nmi-answered[sender=default/other-*,status=404]', runIn(await incident('INC-13'))));
    expect(because).toMatch(
      /worker of MIC for aks-pool1-vmss is at it since .*: its GET, sent at 00:01:00\.2, was lost on the way to ARM/u,
    );
    const busy = reasonsOf(asked('first nmi-answered[sender=default/fresh-*,status=404]', runIn(await incident('INC-01'))));
    expect(busy.because).toMatch(/it writes assigned identities at the API server, 510 calls so far/u);
    expect(busy.because).not.toContain('lost on the way');
  });

  it('say of a write that has ended that MIC has not heard of it', () => {
    const { because } = reasonsOf(asked('token of pod shop', runOf('patch-16-minutes')));
    expect(because).toMatch(/PATCH aks-pool1-vmss \+1 -0, ended at ARM at 00:02:44\.6, but MIC has not heard of it/u);
  });

  it('say of a pod without a known address that NMI cannot find it yet', () => {
    const { because } = reasonsOf(asked('token of pod shop', runOf('two-writers')));
    expect(because).toMatch(/the address of default\/shop-\S+ is not known at the API server yet[^]*pod\.ipVisibleLag/u);
  });

  it('leave out what failed for others, once a pod has its own', () => {
    const { because, standing } = reasonsOf(asked('token of pod shop', runOf('bad-identity-in-batch')));
    expect(because).toContain('the longest waits, of 48.5 s in all: PATCH of VM or scale set 44.1 s');
    expect(because).not.toContain('typo-id');
    expect(standing).toContain('typo-id');
  });
});
