/** What others do at ARM behind MIC's back: told as stories, and seen by what is left on the scale set. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf } from '../../src/model/facts/index.ts';
import { described, problemsOf } from '../scenarios/loading.ts';
import { worldOf } from '../support/packaged.ts';

const CALM: Overrides = {
  'arm.error5xx.prob': 0,
  'arm.get.pathological.prob': 0,
  'arm.get.latency': '50ms',
  'arm.write.acceptLatency': '500ms',
  'arm.write.rejectLatency': '500ms',
  'vmss.patch.duration.serverSide': '35s',
  'mi.resource.throttle': 'TB(1000, +1000/s)',
};

interface Told {
  readonly answers: readonly FactOf<'arm-answered'>[];
  /** Names of the identities that are left on the scale set, and how many scale sets and identities there are. */
  readonly left: readonly string[];
  readonly scaleSets: number;
  readonly identities: number;
}

function text(story: readonly object[], world: object = {}): string {
  const identities = ['a', 'b', 'c'].map((name) => ({ name, resourceGroup: 'apps' }));
  const scaleSets = [{ name: 'pool', instances: 1, systemAssigned: true, identities: ['a', 'b'] }];
  return stringify({ question: 'Who wins?', group: 'basics', horizon: '30m', world: { identities, scaleSets, ...world }, story });
}

function tell(story: readonly object[], overrides: Overrides = {}, world: object = {}): Told {
  const sim = worldOf(described(text(story, world)), { overrides: { ...CALM, ...overrides }, mode: 'recorded' });
  const answers: FactOf<'arm-answered'>[] = [];
  sim.observe({ onFact: ({ fact }) => (fact.type === 'arm-answered' ? answers.push(fact) : undefined) });
  sim.run();
  const sets = sim.table('computeResources').all();
  const left = (sets[0]?.userAssigned ?? []).map((id) => id.split('/').at(-1) ?? '').sort();
  return { answers, left, scaleSets: sets.length, identities: sim.table('userAssignedIdentities').all().length };
}

const TO = 'vmss:pool';

describe('an apply of Terraform', () => {
  it('leaves its own list and nothing of what others have added', () => {
    const story = [
      { at: '1m', assignIdentity: { identity: 'c', to: TO } },
      { at: '5m', terraformApply: { to: TO, identities: ['a'] } },
    ];
    expect(tell(story).left).toEqual(['a']);
  });
});

describe('an update of a node pool by AKS', () => {
  const cluster = { cluster: { nodePools: [{ name: 'np', nodes: 1 }] }, scaleSets: [] };
  const story = [
    { at: '1m', assignIdentity: { identity: 'c', to: 'pool:np' } },
    { at: '5m', aksUpdate: { nodePool: 'np' } },
  ];

  it('wipes what was put on its scale set: pool first, then GET and PUT, as a principal of its own', () => {
    const { left, answers } = tell(story, {}, cluster);
    expect(left).toEqual([]);
    const its = answers.filter(({ client }) => client.startsWith('aks-rp/'));
    expect(its.map(({ op, status }) => [op, status])).toEqual([
      ['putAgentPool', 200],
      ['get', 200],
      ['putScaleSet', 202],
    ]);
  });

  it('keeps what its own list names', () => {
    const kept = [...story.slice(0, 1), { at: '5m', aksUpdate: { nodePool: 'np', identities: ['c'] } }];
    expect(tell(kept, {}, cluster).left).toEqual(['c']);
  });

  it('asked for twice where one is let through in a minute is refused once, and waits', () => {
    const twice = [...story, { at: '5m', aksUpdate: { nodePool: 'np' } }];
    const { answers } = tell(twice, { 'aks.rp.putAgentPool': 'TB(1, +1/min)' }, cluster);
    expect(answers.filter(({ op }) => op === 'putAgentPool').map(({ status }) => status)).toEqual([429, 200, 200]);
  });

  it('of a pool of single VMs is a mistake of the story', () => {
    const vms = { cluster: { nodePools: [{ name: 'np', nodes: 1, kind: 'vm' }] }, scaleSets: [] };
    expect(problemsOf(text([{ at: '5m', aksUpdate: { nodePool: 'np' } }], vms))[0]).toContain('AKS writes scale sets only');
  });
});

describe('an edit with a gap between its read and its write', () => {
  const race = (gap: string): readonly object[] => [
    { at: '1m', assignIdentity: { identity: 'c', to: TO, gap } },
    { at: '65s', unassignIdentity: { identity: 'a', from: TO } },
  ];

  it('brings back what was removed in the gap', () => {
    expect(tell(race('2m')).left).toEqual(['a', 'b', 'c']);
    expect(tell(race('1s')).left).toEqual(['b', 'c']);
  });

  it('reads again and does not bring it back where ETags are honoured', () => {
    const { left, answers } = tell(race('2m'), { 'vmss.etag.enforced': true });
    expect(left).toEqual(['b', 'c']);
    const its = answers.filter(({ client }) => client.startsWith('az/'));
    expect(its.map(({ op, status }) => [op, status])).toEqual([
      ['get', 200],
      ['patchIdentity', 412],
      ['get', 200],
      ['patchIdentity', 202],
    ]);
  });

  it('takes off one and leaves the rest', () => {
    expect(tell([{ at: '1m', unassignIdentity: { identity: 'a', from: TO, gap: '1s' } }]).left).toEqual(['b']);
  });
});

describe('traffic of another client', () => {
  it('takes the updates of the scale set: at six a minute the operator beside it is throttled', () => {
    const story = [
      { at: '1m', armTraffic: { of: TO, every: '10s', for: '15m', as: 'extensions' } },
      { at: '14m', assignIdentity: { identity: 'c', to: TO } },
    ];
    const { answers, left } = tell(story);
    const sent = answers.filter(({ client }) => client.startsWith('client-extensions/'));
    expect(sent).toHaveLength(90);
    // 12 at once and 4 a minute over a quarter of an hour, the operator's own among them.
    const through = answers.filter(({ op, status }) => (op === 'putTags' || op === 'assignIdentity') && status !== 429);
    expect(through.length).toBeGreaterThanOrEqual(70);
    expect(through.length).toBeLessThanOrEqual(74);
    expect(left).toEqual(['a', 'b', 'c']);
  });

  it('of reads takes no updates', () => {
    const { answers } = tell([{ at: '1m', armTraffic: { of: TO, op: 'read', every: '1s', for: '2m' } }]);
    expect(answers).toHaveLength(120);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(50);
  });
});

describe('the end of a resource group', () => {
  it('takes its identities at once and leaves those of others', () => {
    const { identities, scaleSets, left } = tell([{ at: '1m', deleteResourceGroup: 'APPS' }]);
    expect([identities, scaleSets]).toEqual([0, 1]);
    expect(left).toEqual(['a', 'b']);
  });

  it('takes its scale sets with their principal', () => {
    expect(tell([{ at: '1m', deleteResourceGroup: 'machines' }], {}, { resourceGroup: 'machines' })).toMatchObject({
      scaleSets: 0,
      identities: 3,
    });
  });
});

describe('a role for an identity made a moment ago', () => {
  it('is asked for again every 5 s until the directory knows the principal', () => {
    const story = [
      { at: '1m', createIdentity: { name: 'new' } },
      { at: '70s', assignRole: { to: 'new', role: 'Reader', on: '/subscriptions/s', principalType: 'omitted' } },
    ];
    const knobs = { 'mi.uami.createLatency': '4s', 'mi.sp.replicationDelay': '20s', 'mi.sp.missProbDuringReplication': 'always' };
    const { answers } = tell(story, knobs);
    const its = answers.filter(({ op }) => op === 'putRoleAssignment').map(({ status }) => status);
    expect(its).toEqual([400, 400, 400, 201]);
  });
});
