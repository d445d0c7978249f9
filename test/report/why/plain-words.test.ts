/** Claim: a leftover is led back to what left it, and what is told again and again is told once, in words of no program. */
import { describe, expect, it } from 'vitest';
import { incidentFiles, incidentIdOf } from '../../../src/cli/package-folder.ts';
import { needScenario } from '../../../src/cli/scenario-file.ts';
import { asked, runIn, runOf, saidOf } from './asked.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';

async function incident(id: string): Promise<ScenarioDescription> {
  const { scenario } = await needScenario(incidentFiles().find((file) => incidentIdOf(file) === id) ?? '');
  return scenario;
}

describe('why a leftover', () => {
  it('leads to the write that put the identity back after MIC had decided to remove it', () => {
    const { text } = saidOf(asked('leftover', runOf('aks-sql-token', {}, undefined, 'idflow/5')));
    expect(text).toMatch(/the operation on aks-pool1-vmss succeeded after .*: 1 added, 0 removed$/u);
  });

  it('names the rules of IMDS where a token is left', () => {
    const answer = asked('leftover', runOf('binding-deleted', { 'imds.unassign.cachedTokenDropped': '0' }));
    expect(answer.answer).toContain('IMDS may hand it out');
    expect(answer.standing.at(-1)?.rules.join('\n')).toContain('imds.cache.serveUntil');
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

  it('name the deadline of the lock, and count ends from the second on', async () => {
    const answer = asked('first mic-stopped[reason=leader election lost]', runIn(await incident('INC-27')));
    expect(saidOf(answer).text).toMatch(/the time in which MIC \S+ must renew its lock was over/u);
    expect(answer.standing.map(({ text }) => text).at(-1)).toMatch(/leader election lost$/u);
  });

  it('say of a worker whose calls are lost that ARM has heard nothing, and what that means', async () => {
    const { standing } = asked('first nmi-answered[sender=default/other-*,status=404]', runIn(await incident('INC-13')));
    expect(standing.map(({ text }) => text).at(-1)).toMatch(
      /aks-pool1-vmss is at it since .*, and no call of mic\/\S+ has reached ARM since/u,
    );
    const busy = asked('first nmi-resolved', runOf('aks-sql-token'));
    expect(busy.standing.map(({ text }) => text).join('\n')).not.toContain('has reached ARM');
  });
});
