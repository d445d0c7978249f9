/** Streams that die of idleness, and changes that get lost: when they are noticed, and what heals them. */
import { describe, expect, test } from 'vitest';
import { Silences } from '../../src/kernel/silences.ts';
import type { StreamPlace, StreamTrouble } from '../../src/kernel/silences.ts';
import { moment, seconds } from '../../src/kernel/time.ts';
import { at, create, deployment, pod, podsIn, runCluster } from '../support/cluster.ts';
import type { ClusterRun } from '../support/cluster.ts';

const s = (n: number): ReturnType<typeof moment> => moment(seconds(n));
const trouble: StreamTrouble = {
  idleLimit: seconds(600),
  canIdle: (watcher) => watcher === 'w',
  memory: seconds(300),
  mayLose: false,
  longest: seconds(700),
  sessionOf: () => seconds(400),
  silenceOf: () => seconds(400),
  rereadOf: () => seconds(5),
  isLost: () => false,
};
const stream = (bornAt = 0): StreamPlace => ({ watcher: 'w', bornAt: s(bornAt), part: 'things', hash: 1 });
const after = (changes: readonly number[], more: Partial<StreamTrouble> = {}): Silences => {
  const silences = new Silences({ ...trouble, ...more });
  for (const change of changes) silences.note('things', s(change));
  return silences;
};

describe('a stream that dies of 600 s of idleness', () => {
  test('lets a change of before pass at once, and one of the silence when it is opened and read again', () => {
    expect(after([500]).passes(stream(), s(500))).toBe(s(500));
    expect(after([700]).passes(stream(), s(700))).toBe(s(1005));
    expect(after([700], { memory: seconds(1000) }).passes(stream(), s(700))).toBe(s(1000));
  });

  test('lives again for 600 s from there, then dies once more', () => {
    expect(after([1100]).passes(stream(), s(1100))).toBe(s(1100));
    expect(after([1700]).passes(stream(), s(1700))).toBe(s(2010));
  });

  test('is kept alive by changes, and a watcher that began anew has one of its own', () => {
    expect(after([500, 1000]).passes(stream(), s(1000))).toBe(s(1000));
    expect(after([700]).passes(stream(650), s(700))).toBe(s(700));
  });
});

test('a watcher with other calls on its connection never meets a dead one', () => {
  expect(after([700]).passes({ ...stream(), watcher: 'busy' }, s(700))).toBe(s(700));
});

test('a dead stream that something else notices sooner or later is opened again then, whatever its session', () => {
  expect(after([700], { silenceOf: () => seconds(950) }).passes(stream(), s(700))).toBe(s(1555));
  expect(after([700], { silenceOf: () => seconds(45) }).passes(stream(), s(700))).toBe(s(700));
  expect(after([620], { silenceOf: () => seconds(45) }).passes(stream(), s(620))).toBe(s(645));
});

describe('a cluster', () => {
  const quick = { 'pod.start': '1s', 'image.pull.cold': '0s', 'image.pull.cached': '0s', 'pod.ipVisibleLag': '0s', 'watch.latency': '0s' };
  const exact = { ...quick, 'api.mutate.latency': '0s', 'scheduler.latency': '0s', 'watch.timeout': '400s', 'etcd.history': '1000s' };
  const startOf = (run: ClusterRun): number[] =>
    run.facts.flatMap(({ at: moment_, fact }) => (fact.type === 'container-started' ? [Number(moment_)] : []));

  test('whose watches die after 600 s runs a pod of 700 s at once: its scheduler and kubelets are never idle', () => {
    const run = runCluster({
      nodes: ['node-0'],
      overrides: { ...exact, 'watch.halfOpenAfterIdle': '600s' },
      script: [create(700, pod('a'))],
    });
    expect(startOf(run)).toEqual([at(701)]);
  });

  test('whose watches lose every event lives from session to session', () => {
    const run = runCluster({
      nodes: ['node-0'],
      overrides: { ...exact, 'watch.lostEvent.prob': 1 },
      script: [create(100, pod('a'))],
    });
    expect(startOf(run)).toEqual([at(801)]);
  });

  test('with both troubles is the same in both modes, and comes to rest with all its pods', () => {
    const runs = (['fast', 'recorded'] as const).map((mode) =>
      runCluster({
        mode,
        nodes: ['node-0', 'node-1'],
        horizon: at(7200),
        overrides: { 'watch.halfOpenAfterIdle': '120s', 'watch.lostEvent.prob': 0.1 },
        script: [
          create(10, deployment('web', 6)),
          { at: 1500, call: { verb: 'scale', kind: 'Deployment', key: 'default/web', replicas: 9 } },
        ],
      }),
    );
    for (const run of runs) expect(podsIn(run).filter(({ status }) => status.ready)).toHaveLength(9);
    expect(runs[0]?.facts).toEqual(runs[1]?.facts);
  });
});
