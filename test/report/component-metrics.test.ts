/** What `/metrics` of MIC and NMI would say, from facts. */
import { describe, expect, it } from 'vitest';
import { ComponentMetrics } from '../../src/report/component-metrics/index.ts';
import { componentMetricOf } from '../../src/report/component-metrics/definitions.ts';
import { openMetricsText } from '../../src/report/component-metrics/open-metrics.ts';
import { MetricRegistry } from '../../src/report/component-metrics/registry.ts';
import { at, INSTANT, runCluster } from '../actors/mic/cluster.ts';
import type { Cluster, ClusterOptions } from '../actors/mic/cluster.ts';
import { azureIdentity, binding, create, node, pod } from '../actors/mic/objects.ts';

const MIC = 'mic/default/mic-0';

function metricsOf(cluster: Cluster): ComponentMetrics {
  const metrics = new ComponentMetrics();
  for (const fact of cluster.facts) metrics.onFact(fact);
  return metrics;
}

function world(more: Partial<ClusterOptions>): ClusterOptions {
  return {
    objects: [node('v1-0'), azureIdentity('x'), binding('b', 'x', 's')],
    scaleSets: ['v1'],
    identities: ['x'],
    steps: [{ at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] }],
    ...more,
    knobs: { ...INSTANT, 'vmss.patch.duration.serverSide': '38s', 'vmss.patch.perIdentityCost': '0s', ...more.knobs },
  };
}

describe('metrics of MIC', () => {
  it('counts and times what was created and deleted, and the calls of the scale set with their waiting', () => {
    const metrics = metricsOf(
      runCluster(
        world({
          steps: [
            { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
            { at: 100, api: [{ verb: 'delete', kind: 'Pod', key: 'default/p', grace: 'now' }] },
          ],
        }),
      ),
    ).of(MIC);
    expect(metrics.value('assigned_identity_addition_count')?.count).toBe(1);
    expect(metrics.value('assigned_identity_deletion_count')?.count).toBe(1);
    expect(metrics.value('assigned_identity_update_count')).toBeUndefined();
    expect(metrics.value('mic_cycle_count')?.count).toBe(2);
    expect(metrics.value('mic_cycle_duration_seconds')?.min).toBeGreaterThan(38);
    expect(metrics.value('cloud_provider_operations_duration_seconds', { operation_type: 'vmss_get' })?.count).toBe(2);
    const updates = metrics.value('cloud_provider_operations_duration_seconds', { operation_type: 'vmss_update' });
    expect(updates?.count).toBe(2);
    expect(updates?.min).toBeGreaterThan(38);
    expect(updates?.max).toBeLessThan(46);
    expect(metrics.series.some(({ name }) => name.includes('errors'))).toBe(false);
  });

  it('counts a refusal by ARM, and each call its own throttle refuses after it, as errors of the operation', () => {
    const metrics = metricsOf(
      runCluster(
        world({
          steps: [
            {
              at: 0.5,
              act: (turn) =>
                turn.inject({
                  id: 'busy',
                  to: 'arm',
                  where: { 'call.op': 'patchIdentity' },
                  action: {
                    kind: 'answer',
                    with: {
                      type: 'ArmResponse',
                      request: '',
                      status: 429,
                      error: { code: 'TooManyRequests', message: '' },
                      retryAfter: at(60) as never,
                    },
                  },
                }),
            },
            { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
            { at: 10, api: [create(pod('other', {}))] },
          ],
          until: 30,
        }),
      ),
    ).of(MIC);
    expect(metrics.value('cloud_provider_operations_errors_count', { operation_type: 'vmss_update' })?.count).toBe(2);
    // Each failed call is followed by the GET that sorts the items.
    expect(metrics.value('cloud_provider_operations_duration_seconds', { operation_type: 'vmss_get' })?.count).toBe(4);
  });

  it('counts a refused status patch under its own name, and no success of one', () => {
    const refuse = { type: 'ApiResponse', request: '', status: 500, reason: 'InternalError' } as const;
    const metrics = metricsOf(
      runCluster(
        world({
          steps: [
            {
              at: 0.5,
              act: (turn) =>
                turn.inject({
                  id: 'f',
                  to: 'kube-apiserver',
                  where: { 'call.verb': 'patchStatus' },
                  action: { kind: 'answer', with: refuse },
                }),
            },
            { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
          ],
          until: 50,
        }),
      ),
    ).of(MIC);
    const labels = { operation_type: 'update_azure_assigned_identity_status' };
    expect(metrics.value('kubernetes_api_operations_errors_count', labels)?.count).toBe(1);
    expect(metrics.value('assigned_identity_addition_count')?.count).toBe(1);
  });

  it('counts starts of the process as elections, a standby as well, and begins at zero after a restart', () => {
    const cluster = runCluster(
      world({
        replicas: ['mic-0', 'mic-1'],
        steps: [
          { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
          { at: 100, act: (turn) => turn.stop(MIC) },
          {
            at: 102,
            act: (turn) => turn.spawn({ id: MIC, kind: 'mic' }, { type: 'MicStarted', pod: 'default/mic-0', node: 'host0', start: 'cold' }),
          },
        ],
        until: 103,
      }),
    );
    const metrics = metricsOf(cluster);
    expect(metrics.processes).toEqual([MIC, 'mic/default/mic-1']);
    expect(metrics.of('mic/default/mic-1').value('mic_new_leader_election_count')?.count).toBe(1);
    expect(metrics.of(MIC).value('mic_new_leader_election_count')?.count).toBe(1);
    expect(metrics.of(MIC).value('assigned_identity_addition_count')).toBeUndefined();
  });

  it('counts one idle cycle in so many', () => {
    const steps = [{ at: 1, api: Array.from({ length: 25 }, (_, n) => create(pod(`plain${String(n)}`, {}))) }];
    const cluster = runCluster(world({ steps, knobs: { 'mic.sync.metricsEveryNthIdleCycle': 10 }, until: 30 }));
    expect(metricsOf(cluster).of(MIC).value('mic_cycle_count')?.count).toBe(2);
  });
});

describe('a registry of metrics', () => {
  it('keeps count, sum, least and greatest of a histogram by its labels, and cumulative buckets', () => {
    const registry = new MetricRegistry();
    for (const value of [2, 4]) registry.report('cloud_provider_operations_duration_seconds', value, { operation_type: 'test' });
    const value = registry.value('cloud_provider_operations_duration_seconds', { operation_type: 'test' });
    expect(value).toMatchObject({ count: 2, sum: 6, min: 2, max: 4 });
    expect(value?.buckets.slice(0, 4)).toEqual([0, 0, 2, 2]);
    expect(registry.value('cloud_provider_operations_duration_seconds', { operation_type: 'other' })).toBeUndefined();
  });

  it('refuses a label the metric does not have', () => {
    expect(() => {
      new MetricRegistry().report('mic_cycle_count', 1, { operation_type: 'x' });
    }).toThrow('mic_cycle_count has no label operation_type');
  });

  it('writes what a scrape gives, and knows a metric with and without its prefix', () => {
    const registry = new MetricRegistry();
    registry.report('mic_cycle_count', 1);
    registry.report('mic_cycle_duration_seconds', 7);
    const text = openMetricsText(registry);
    expect(text).toContain('# TYPE aadpodidentity_mic_cycle_count counter\naadpodidentity_mic_cycle_count 1\n');
    expect(text).toContain('aadpodidentity_mic_cycle_duration_seconds_bucket{le="5"} 0\n');
    expect(text).toContain('aadpodidentity_mic_cycle_duration_seconds_bucket{le="10"} 1\n');
    expect(text).toContain('aadpodidentity_mic_cycle_duration_seconds_bucket{le="+Inf"} 1\n');
    expect(componentMetricOf('aadpodidentity_mic_cycle_count')).toBe('mic_cycle_count');
    expect(componentMetricOf('mic_cycle_count')).toBe('mic_cycle_count');
    expect(componentMetricOf('mic_cycles')).toBeUndefined();
  });
});
