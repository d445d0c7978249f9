/** Claim: after a cluster is deleted nothing of it acts any more, and what it leaves in other resource groups is in the report. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { beginRun } from '../../src/experiments/run.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { problemsOf } from '../scenarios/loading.ts';
import { packaged } from '../support/packaged.ts';

const TEN_MINUTES = 600_000_000;
const SECOND = 1_000_000;

describe('a deleted cluster', () => {
  const run = beginRun({ scenario: packaged('cluster-deleted') });
  const facts: { readonly at: number; readonly type: Fact['type'] }[] = [];
  run.simulation.observe({ onFact: ({ at, fact }) => void facts.push({ at, type: fact.type }) });
  run.advance(Infinity);
  const { report } = run.finish();
  const last = (type: Fact['type']): number => Math.max(...facts.filter((fact) => fact.type === type).map(({ at }) => at));

  it('has no API server from then on, and no pod once its machines are gone', () => {
    expect(last('api-answered')).toBeLessThan(TEN_MINUTES + SECOND);
    const [section] = report.cleanup.deletions.filter(({ kind }) => kind === 'cluster');
    const gone = Math.max(...(section?.items ?? []).flatMap(({ kind, goneAtUs }) => (kind === 'machine' ? [goneAtUs ?? 0] : [])));
    expect(gone).toBeGreaterThan(TEN_MINUTES);
    expect(last('service-answered')).toBeGreaterThan(TEN_MINUTES);
    expect(last('service-answered')).toBeLessThan(gone);
  });

  it('leaves the role of an identity that its machines carried, a federated credential, and the tokens of both for a day', () => {
    const [section] = report.cleanup.deletions.filter(({ kind }) => kind === 'cluster');
    const left = (section?.items ?? []).filter(({ state }) => state !== 'gone');
    expect(left.map(({ kind, untilUs }) => [kind, untilUs === null ? 'for good' : 'for a time'])).toEqual([
      ['roleAssignment', 'for good'],
      ['roleAssignment', 'for good'],
      ['federatedCredential', 'for good'],
      ['liveToken', 'for a time'],
    ]);
  });
});

it('cannot be deleted where there is none', () => {
  const text = stringify({
    question: 'Is there a cluster?',
    group: 'deletion',
    horizon: '5m',
    story: [{ at: '1m', deleteCluster: 'cluster' }],
  });
  expect(problemsOf(text).join(' ')).toContain('story[0].deleteCluster: there is no cluster in this world');
});
