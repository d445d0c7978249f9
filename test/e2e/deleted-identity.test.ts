/**
 * Claim (V12): the token of a managed identity that was deleted is accepted until it expires, 24 hours after its issue and five minutes of
 * clock skew, and no longer; some client shows it. Method: a day and a bit of a VM whose identity is deleted after an hour.
 */
import { describe, expect, it } from 'vitest';
import { beginRun } from '../../src/experiments/run.ts';
import type { FactOf } from '../../src/model/facts/index.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';

const HOUR = 3_600_000_000;
const SKEW = 300_000_000;

function scenario(): ScenarioDescription {
  const text = `
question: How long does the token of a deleted identity open a vault?
group: exposure
horizon: 27h
world:
  identities: [{ name: app-id }]
  services: [{ name: app-vault, kind: keyVault }]
  roles: [{ to: app-id, role: Key Vault Secrets User, on: app-vault }]
  virtualMachines:
    - name: app-vm
      identities: [app-id]
      workloads: [{ name: app, client: adalGo, identity: app-id, uses: app-vault, every: 10m }]
  parameters: { mi.deleted.targetChecksDirectory: 0 }
story:
  - { at: 1h, deleteIdentity: app-id }
`;
  const loaded = loadScenario({ path: 'deleted.yaml', text, readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ rule }) => rule).join('; '));
  return loaded.scenario;
}

describe.each(['one', 'two', 'three'])('a deleted identity, seed %s', (seed) => {
  const accepted: number[] = [];
  const issued = new Map<string, FactOf<'aad-token-issued'> & { readonly at: number }>();
  const overstayed: number[] = [];
  let lastIssue = 0;
  const run = beginRun({ scenario: scenario(), seed });
  run.simulation.observe({
    onFact: ({ fact, at }) => {
      if (fact.type === 'aad-token-issued') {
        issued.set(fact.uti, { ...fact, at });
        lastIssue = at;
      }
      if (fact.type !== 'service-answered' || fact.status !== 200) return;
      accepted.push(at);
      const token = issued.get(fact.uti);
      if (token === undefined || at > token.at + 24 * HOUR + SKEW) overstayed.push(at);
    },
  });
  run.advance(Infinity);

  it('has its token accepted for most of a day after it is gone', () => {
    expect(lastIssue).toBeLessThan(HOUR + SKEW);
    expect((accepted.at(-1) ?? 0) - HOUR).toBeGreaterThan(20 * HOUR);
  });

  it('has none accepted later than 24 hours and five minutes after its issue', () => {
    expect(accepted.length).toBeGreaterThan(100);
    expect(overstayed).toEqual([]);
  });
});
