/** Init containers: in order, to their good end, with an address, before the main container. */
import { describe, expect, test } from 'vitest';
import type { Container, PodSpec } from '../../../src/model/kubernetes.ts';
import { at, create, pod, podsIn, runCluster } from '../../support/cluster.ts';
import type { ClusterOptions, ClusterRun } from '../../support/cluster.ts';

const init = (name: string): Container => ({ name, image: `registry/${name}:1`, args: [], env: {} });
const timed = {
  'pod.start': '2s',
  'image.pull.cached': '0s',
  'image.pull.cold': '4s',
  'pod.initContainer.duration': '3s',
  'pod.ipVisibleLag': '1s',
  'pod.crashBackoff.first': '10s',
  'watch.latency': '0s',
  'api.mutate.latency': '0s',
  'scheduler.latency': '0s',
};
const run = (spec: Partial<PodSpec>, more: ClusterOptions = {}): ClusterRun =>
  runCluster({ nodes: ['node-0'], overrides: timed, script: [create(1, pod('a', spec))], horizon: at(120), ...more });
const course = ({ facts }: ClusterRun): unknown[] =>
  facts.flatMap(({ at: moment, fact }) =>
    fact.type === 'container-started' || fact.type === 'container-ended' ? [[moment / 1e6, fact.type, fact.init ?? 'main']] : [],
  );

describe('init containers', () => {
  test('run one after another, each pulled when it is needed, and then the main one', () => {
    expect(course(run({ initContainers: [init('one'), init('two')] }))).toEqual([
      [7, 'container-started', 'one'],
      [10, 'container-ended', 'one'],
      [14, 'container-started', 'two'],
      [17, 'container-ended', 'two'],
      [21, 'container-started', 'main'],
    ]);
  });

  test('leave the pod Pending with its address, and say how they ended', () => {
    const early = podsIn(run({ initContainers: [init('one'), init('two')] }, { horizon: at(15) }))[0]?.status;
    expect([early?.phase, early?.podIP === '', early?.ready]).toEqual(['Pending', false, false]);
    const late = podsIn(run({ initContainers: [init('one'), init('two')] }))[0]?.status;
    expect(late).toMatchObject({
      phase: 'Running',
      ready: true,
      initContainers: [
        { name: 'one', exitCode: 0, reason: 'Completed' },
        { name: 'two', exitCode: 0, reason: 'Completed' },
      ],
    });
  });

  const asking: ClusterOptions = {
    fill: (sim) =>
      sim.fill('workloads', 'login', {
        name: 'login',
        select: { namespace: 'default', labels: {}, pod: 'a', initContainer: 'one' },
        client: 'goLatest',
        clientId: '',
        resource: 'https://vault.azure.net',
        service: '',
        every: 0 as never,
      }),
  };

  test('begin again after a failure, first at once and then after the crash back-off', () => {
    const ends = course(run({ initContainers: [init('one')] }, asking));
    expect(ends).toEqual([
      [7, 'container-started', 'one'],
      [8, 'container-ended', 'one'],
      [8, 'container-started', 'one'],
      [9, 'container-ended', 'one'],
      [19, 'container-started', 'one'],
      [20, 'container-ended', 'one'],
      [40, 'container-started', 'one'],
      [41, 'container-ended', 'one'],
      [45, 'container-started', 'main'],
    ]);
  });

  test('run several programs one after the other, in the order in which they were written down', () => {
    const fill = (...names: readonly string[]): ClusterOptions['fill'] => {
      return (sim) => {
        for (const name of names) {
          const select = { namespace: 'default', labels: {}, pod: 'a', initContainer: 'one' };
          const common = { client: 'goLatest', clientId: name, resource: 'https://vault.azure.net', service: '', every: 0 as never };
          sim.fill('workloads', name, { name, select, ...common });
        }
      };
    };
    const programs = (...names: readonly string[]): readonly unknown[] => {
      const started: unknown[] = [];
      const ran = runCluster({
        nodes: ['node-0'],
        overrides: timed,
        script: [create(21, pod('a', { initContainers: [init('one')] }))],
        horizon: at(60),
        fill: (sim) => {
          fill(...names)?.(sim);
          sim.observe({ onDelivery: ({ message }) => message.type === 'WorkloadStarted' && void started.push(message.workload) });
        },
      });
      return [...started, ...course(ran)];
    };
    expect(programs('b', 'a', 'c')).toEqual([
      'b',
      'a',
      'c',
      [27, 'container-started', 'one'],
      [30, 'container-ended', 'one'],
      [34, 'container-started', 'main'],
    ]);
    expect(programs('b')).toContainEqual([28, 'container-ended', 'one']);
  });

  test('that fail end a pod that is never restarted', () => {
    const status = podsIn(run({ initContainers: [init('one')], restartPolicy: 'Never' }, asking))[0]?.status;
    expect(status).toMatchObject({ phase: 'Failed', initContainers: [{ name: 'one', exitCode: 1, reason: 'Error' }] });
  });
});
