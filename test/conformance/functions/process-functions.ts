/** Functions of the processes themselves (pkg/metrics, pkg/utils, pkg/log), each on the rule of the simulator that stands for it. */
import { isKubenet } from '../../../src/model/nmi/kubenet-guard.ts';
import { isLogFormat, userAgent } from '../../../src/model/common-flags.ts';
import { componentMetricOf } from '../../../src/report/component-metrics/definitions.ts';
import type { ComponentMetricName } from '../../../src/report/component-metrics/definitions.ts';
import { mismatch, NoSeam } from '../case.ts';
import { mapAt, textAt } from '../stage/objects.ts';
import type { DataMap } from '../stage/objects.ts';
import { CallFailure } from './stage.ts';
import type { CallStage, CaseFunction } from './stage.ts';

/** Process in whose name a case reports. */
const CASE = 'case';

/** By name. */
export const PROCESS_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'metrics.report': (args, { metrics }) => {
    metrics.of(CASE).report(metricNamed(textAt(args, 'metric')), Number(args['value']), labelsOf(args));
    return undefined;
  },
  'utils.isKubenet': (args) => {
    if (typeof args['kubeletFile'] !== 'string') throw new CallFailure('the file of the kubelet cannot be read');
    return isKubenet(args['kubeletFile']);
  },
  'version.userAgent': (args, { given }) => {
    const component = textAt(args, 'component');
    const flags = mapAt(mapAt(given, 'flags'), component.toLowerCase());
    const build = { component, version: textAt(args, 'version'), commit: textAt(args, 'commit'), date: textAt(args, 'date') };
    return userAgent(build, textAt(flags, 'custom-user-agent'));
  },
  'log.validateFormat': (args) => {
    const format = textAt(args, 'format');
    if (!isLogFormat(format)) throw new CallFailure(`${format} is no format of logs`);
    return undefined;
  },
};

/** The assertion `metric`: over all processes, and over all series that have the labels wanted. */
export function checkMetric(wanted: DataMap, { metrics }: Pick<CallStage, 'metrics'>): void {
  const name = metricNamed(textAt(wanted, 'name'));
  const labels = Object.entries(labelsOf(wanted));
  const values = metrics.processes
    .flatMap((process) => metrics.of(process).series)
    .filter((series) => series.name === name && labels.every(([label, value]) => series.labels[label] === value))
    .map(({ value }) => value);
  const seen = {
    count: values.reduce((sum, { count }) => sum + count, 0),
    min: Math.min(...values.map(({ min }) => min)),
    max: Math.max(...values.map(({ max }) => max)),
  };
  for (const key of ['count', 'min', 'max'] as const) {
    if (wanted[key] !== undefined && wanted[key] !== seen[key]) mismatch(`${key} of ${name}`, wanted[key], seen[key]);
  }
}

function metricNamed(text: string): ComponentMetricName {
  const name = componentMetricOf(text);
  if (name === undefined) throw new NoSeam(`MIC and NMI export no metric ${text}`);
  return name;
}

function labelsOf(from: DataMap): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(mapAt(from, 'labels')).map((label) => [label, textAt(mapAt(from, 'labels'), label)]));
}
