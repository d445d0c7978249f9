/** Pods and the controllers that make them: core/v1, apps/v1, batch/v1, with the defaults of the API server. */
import { minutes, parseDuration, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { BINDING_LABEL } from '../../model/kubernetes.ts';
import type { Container, DaemonSet, Deployment, Job, Pod, PodSpec, PodTemplate, StatefulSet, Toleration } from '../../model/kubernetes.ts';
import { componentOf } from '../../model/selectors.ts';
import { isTaintEffect } from '../../model/taints.ts';
import type { Fields } from './fields.ts';
import { livenessProbeOf } from './liveness-probe.ts';
import { metaOf } from './object-meta.ts';
import { vaultVolumesOf } from './vault-volumes.ts';

/** Annotation of a Job that says how long each of its pods works; no manifest field says it. */
const RUN_FOR_ANNOTATION = 'idflow/run-for';

const DEFAULT_RUN_FOR = seconds(60);
const DEFAULT_GRACE_SECONDS = 30;
/** Finished Jobs that a CronJob keeps unless it says otherwise. */
const KEPT_JOBS = 3;
const MINUTES_AN_HOUR = 60;

/** A bare pod. */
export function podOf(fields: Fields): Pod {
  return {
    kind: 'Pod',
    metadata: metaOf(fields, 'namespaced'),
    spec: podSpecOf(requiredMap(fields, 'spec'), 'Always'),
    status: { phase: 'Pending', podIP: '', ready: false, restarts: 0 },
  };
}

/** A Deployment. Rolling updates default to a quarter, surge rounded up and unavailability down. */
export function deploymentOf(fields: Fields): Deployment {
  const spec = requiredMap(fields, 'spec');
  const replicas = spec.integer('replicas', 1);
  const template = templateOf(spec, 'Always');
  const strategy = spec.map('strategy');
  const rolling = strategy.map('rollingUpdate');
  const isRecreated = strategy.text('type', 'RollingUpdate') === 'Recreate';
  const maxSurge = isRecreated ? 0 : rolling.numberOrShare('maxSurge', '25%', replicas, Math.ceil);
  const maxUnavailable = isRecreated ? replicas : rolling.numberOrShare('maxUnavailable', '25%', replicas, Math.floor);
  const metadata = metaOf(fields, 'namespaced');
  warnOfMisplacedLabel(fields, metadata.labels, template);
  return {
    kind: 'Deployment',
    metadata,
    spec: { replicas, template, maxSurge, maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable },
  };
}

/** A StatefulSet. */
export function statefulSetOf(fields: Fields): StatefulSet {
  const spec = requiredMap(fields, 'spec');
  const template = templateOf(spec, 'Always');
  const policy = spec.text('podManagementPolicy', 'OrderedReady');
  if (policy !== 'OrderedReady' && policy !== 'Parallel')
    spec.problem('podManagementPolicy', `must be OrderedReady or Parallel, not "${policy}"`);
  const metadata = metaOf(fields, 'namespaced');
  warnOfMisplacedLabel(fields, metadata.labels, template);
  return {
    kind: 'StatefulSet',
    metadata,
    spec: { replicas: spec.integer('replicas', 1), template, podManagementPolicy: policy === 'Parallel' ? 'Parallel' : 'OrderedReady' },
  };
}

/** A DaemonSet. Simplified: a percentage of unavailable pods counts as one pod, since the number of nodes changes. */
export function daemonSetOf(fields: Fields): DaemonSet {
  const spec = requiredMap(fields, 'spec');
  const rolling = spec.map('updateStrategy').map('rollingUpdate');
  return {
    kind: 'DaemonSet',
    metadata: metaOf(fields, 'namespaced'),
    spec: {
      template: templateOf(spec, 'Always'),
      ...(rolling.has('maxUnavailable')
        ? { maxUnavailable: Math.max(1, rolling.numberOrShare('maxUnavailable', '1%', 1, Math.ceil)) }
        : {}),
    },
  };
}

/** A Job. How long its pods work is read from an annotation, by default one minute. */
export function jobOf(fields: Fields): Job {
  const metadata = metaOf(fields, 'namespaced');
  const runFor = runForOf(fields, metadata.annotations[RUN_FOR_ANNOTATION]);
  return { kind: 'Job', metadata, spec: jobSpecOf(requiredMap(fields, 'spec'), runFor) };
}

/**
 * A CronJob, as a Job that repeats. The clock of a world begins at a full hour. Simplified: its schedule is every so many minutes that make up
 * an hour, or every hour, and its concurrencyPolicy is Allow.
 */
export function cronJobOf(fields: Fields): Job {
  const spec = requiredMap(fields, 'spec');
  const metadata = metaOf(fields, 'namespaced');
  const runFor = runForOf(fields, metadata.annotations[RUN_FOR_ANNOTATION]);
  const policy = spec.text('concurrencyPolicy', 'Allow');
  if (policy !== 'Allow') spec.problem('concurrencyPolicy', `must be Allow, not "${policy}"`);
  const schedule = spec.requiredText('schedule');
  const every = periodOf(schedule);
  if (every === undefined)
    spec.problem('schedule', `must be "*/N * * * *" with N a divisor of 60, "* * * * *" or "0 * * * *", not "${schedule}"`);
  return {
    kind: 'Job',
    metadata,
    spec: {
      ...jobSpecOf(requiredMap(requiredMap(spec, 'jobTemplate'), 'spec'), runFor),
      repeats: { every: minutes(every ?? MINUTES_AN_HOUR), keep: spec.integer('successfulJobsHistoryLimit', KEPT_JOBS) },
    },
  };
}

/** Minutes between two moments of a schedule; undefined for one that is not read. */
function periodOf(schedule: string): number | undefined {
  if (schedule === '0 * * * *' || schedule === '@hourly') return MINUTES_AN_HOUR;
  const [found, step = '1'] = /^\*(?:\/([1-9]\d?))? \* \* \* \*$/u.exec(schedule) ?? [];
  const every = Number(step);
  return found === undefined || MINUTES_AN_HOUR % every !== 0 ? undefined : every;
}

function jobSpecOf(spec: Fields, runFor: Duration): Job['spec'] {
  const parallelism = spec.integer('parallelism', 1);
  return {
    completions: spec.integer('completions', parallelism),
    parallelism,
    template: templateOf(spec, 'OnFailure'),
    runFor,
    ...(spec.has('ttlSecondsAfterFinished') ? { ttlAfterFinished: seconds(spec.integer('ttlSecondsAfterFinished', 0)) } : {}),
  };
}

function runForOf(fields: Fields, text: string | undefined): Duration {
  if (text === undefined) return DEFAULT_RUN_FOR;
  const parsed = parseDuration(text);
  if (parsed === undefined)
    fields.map('metadata').map('annotations').problem(RUN_FOR_ANNOTATION, `must be a duration such as 30s, not "${text}"`);
  return parsed ?? DEFAULT_RUN_FOR;
}

function templateOf(spec: Fields, restartPolicy: PodSpec['restartPolicy']): PodTemplate {
  const template = requiredMap(spec, 'template');
  const metadata = template.map('metadata');
  return {
    labels: metadata.textMap('labels'),
    annotations: metadata.textMap('annotations'),
    spec: podSpecOf(template.map('spec'), restartPolicy),
  };
}

function podSpecOf(spec: Fields, fallback: PodSpec['restartPolicy']): PodSpec {
  const nodeName = spec.text('nodeName');
  const restartPolicy = spec.text('restartPolicy', fallback);
  const isKnown = restartPolicy === 'Always' || restartPolicy === 'OnFailure' || restartPolicy === 'Never';
  if (!isKnown) spec.problem('restartPolicy', `must be Always, OnFailure or Never, not "${restartPolicy}"`);
  const tolerations = spec.list('tolerations');
  const initContainers = spec.list('initContainers').map(containerOf);
  const borne = tolerations.flatMap(tolerationOf);
  const volumes = vaultVolumesOf(spec);
  const containers = spec.list('containers').map(containerOf);
  const [main] = spec.list('containers');
  const livenessProbe = main === undefined || componentOf({ spec: { containers } }) !== undefined ? undefined : livenessProbeOf(main);
  return {
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...(borne.length === 0 ? {} : { tolerations: borne }),
    ...(livenessProbe === undefined ? {} : { livenessProbe }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...(nodeName === '' ? {} : { nodeName }),
    nodeSelector: spec.textMap('nodeSelector'),
    hostNetwork: spec.isTrue('hostNetwork'),
    serviceAccountName: spec.text('serviceAccountName', spec.text('serviceAccount', 'default')),
    terminationGracePeriod: seconds(spec.integer('terminationGracePeriodSeconds', DEFAULT_GRACE_SECONDS)),
    restartPolicy: isKnown ? restartPolicy : fallback,
    toleratesAll: tolerations.some((one) => one.text('operator') === 'Exists' && !one.has('key')),
  };
}

function tolerationOf(toleration: Fields): readonly Toleration[] {
  const operator = toleration.text('operator', 'Equal');
  const effect = toleration.text('effect');
  if (operator !== 'Equal' && operator !== 'Exists') {
    toleration.problem('operator', `must be Equal or Exists, not "${operator}"`);
    return [];
  }
  if (effect !== '' && !isTaintEffect(effect)) {
    toleration.problem('effect', `must be NoSchedule, PreferNoSchedule or NoExecute, not "${effect}"`);
    return [];
  }
  return [{ key: toleration.text('key'), operator, value: toleration.text('value'), effect }];
}

function containerOf(container: Fields): Container {
  const env: Record<string, string> = {};
  for (const entry of container.list('env')) {
    const field = entry.map('valueFrom').map('fieldRef').text('fieldPath');
    env[entry.requiredText('name')] = entry.has('value') ? entry.text('value') : field;
  }
  const capabilities = container.map('securityContext').map('capabilities');
  const added = capabilities.texts('add');
  const dropped = capabilities.texts('drop');
  // What stands in `command` after the program is handed over like args.
  return {
    name: container.requiredText('name'),
    image: container.text('image'),
    args: [...container.texts('command').slice(1), ...container.texts('args')],
    env,
    ...(added.length + dropped.length === 0 ? {} : { capabilities: { add: added, drop: dropped } }),
  };
}

function requiredMap(fields: Fields, name: string): Fields {
  if (!fields.has(name)) fields.problem(name, 'is missing');
  return fields.map(name);
}

function warnOfMisplacedLabel(fields: Fields, own: Readonly<Record<string, string>>, template: PodTemplate): void {
  if (Object.hasOwn(own, BINDING_LABEL) && !Object.hasOwn(template.labels, BINDING_LABEL)) {
    fields
      .map('metadata')
      .map('labels')
      .warning(BINDING_LABEL, 'is on the controller only; its pods need it in spec.template.metadata.labels');
  }
}
