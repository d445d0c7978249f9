/**
 * Flags of MIC and NMI, by their real names, and the knobs that carry their effect.
 *
 * Follows cmd/mic/main.go and cmd/nmi/main.go of aad-pod-identity v1.8.17. A flag without a knob changes nothing that is simulated.
 * Since when a release knows a flag is from the change logs.
 */
import { formatDuration, parseDuration } from '../../kernel/time.ts';
import type { KnobName } from '../../model/calibration/index.ts';
import { isLogFormat } from '../../model/common-flags.ts';
import type { Release } from '../../model/pod-identity-release/release.ts';

/** What a flag takes. `seconds` is a bare whole number, as NMI has it. */
type FlagKind = 'text' | 'boolean' | 'duration' | 'seconds' | 'integer' | 'number' | 'mode' | 'logFormat';

/** A flag of a component. */
export interface FlagSpec {
  readonly kind: FlagKind;
  /** Knob that takes its value; absent: it has no effect here, or a special one. */
  readonly knob?: KnobName;
  /** First release that knows it; absent: all do, as far as is known. */
  readonly since?: Release;
}

/** Flags of the logging library; they change nothing. */
const KLOG = [
  'add_dir_header',
  'alsologtostderr',
  'log_backtrace_at',
  'log_dir',
  'log_file',
  'log_file_max_size',
  'logtostderr',
  'one_output',
];
const KLOG_MORE = ['skip_headers', 'skip_log_headers', 'stderrthreshold', 'v', 'vmodule', 'version'];
const klog: Readonly<Record<string, FlagSpec>> = Object.fromEntries([...KLOG, ...KLOG_MORE].map((name) => [name, { kind: 'text' }]));

/** Flags of MIC. */
const MIC_FLAGS: Readonly<Record<string, FlagSpec>> = {
  ...klog,
  'log-format': { kind: 'logFormat' },
  kubeconfig: { kind: 'text' },
  cloudconfig: { kind: 'text' },
  'custom-user-agent': { kind: 'text', since: '1.7.4' },
  forceNamespaced: { kind: 'boolean', knob: 'mic.namespaced' },
  syncRetryDuration: { kind: 'duration', knob: 'mic.sync.periodic', since: '1.5-dev' },
  'leader-election-instance': { kind: 'text', knob: 'mic.lease.instance', since: '1.5-rc2' },
  'leader-election-namespace': { kind: 'text', since: '1.5-rc2' },
  'leader-election-name': { kind: 'text', since: '1.5-rc2' },
  'leader-election-duration': { kind: 'duration', knob: 'mic.lease.duration', since: '1.5-rc2' },
  'http-probe-port': { kind: 'integer', since: '1.5' },
  'prometheus-port': { kind: 'integer' },
  enableProfile: { kind: 'boolean' },
  enableScaleFeatures: { kind: 'boolean' },
  createDeleteBatch: { kind: 'integer', knob: 'mic.createDeleteBatch', since: '1.5.3' },
  clientQps: { kind: 'number', knob: 'mic.clientQps', since: '1.5.3' },
  'immutable-user-msis': { kind: 'text', knob: 'mic.immutableIds' },
  'config-map-name': { kind: 'text', knob: 'mic.typeUpgrade.configMap', since: '1.6.0' },
  'type-upgrade-status-key': { kind: 'text', knob: 'mic.typeUpgrade.key', since: '1.6.0' },
  'enable-type-upgrade': { kind: 'boolean', knob: 'mic.typeUpgrade.enabled', since: '1.6.0' },
  'update-user-msi-max-retry': { kind: 'integer', knob: 'mic.updateMsi.maxRetry', since: '1.6.1' },
  'update-user-msi-retry-interval': { kind: 'duration', knob: 'mic.updateMsi.retryInterval', since: '1.6.1' },
  'identity-assignment-reconcile-interval': { kind: 'duration', knob: 'mic.reconcile', since: '1.6.3' },
};

/** Flags of NMI. */
const NMI_FLAGS: Readonly<Record<string, FlagSpec>> = {
  ...klog,
  'log-format': { kind: 'logFormat' },
  'nmi-listen-address': { kind: 'text' },
  'nmi-port': { kind: 'integer' },
  'metadata-ip': { kind: 'text' },
  'metadata-port': { kind: 'integer' },
  node: { kind: 'text' },
  'ipt-update-interval-sec': { kind: 'seconds', knob: 'nmi.iptables.interval' },
  forceNamespaced: { kind: 'boolean', knob: 'nmi.namespaced' },
  MICNamespace: { kind: 'text', knob: 'nmi.micNamespace' },
  'http-probe-port': { kind: 'integer', since: '1.5' },
  'retry-attempts-for-created': { kind: 'integer', knob: 'nmi.lookup.createdAttempts', since: '1.5-dev' },
  'retry-attempts-for-assigned': { kind: 'integer', knob: 'nmi.lookup.assignedAttempts', since: '1.5-dev' },
  'find-identity-retry-interval': { kind: 'seconds', knob: 'nmi.lookup.interval', since: '1.5-dev' },
  enableScaleFeatures: { kind: 'boolean', knob: 'nmi.scaleFeatures' },
  'block-instance-metadata': { kind: 'boolean', knob: 'nmi.blockInstanceMetadata' },
  'metadata-header-required': { kind: 'boolean', knob: 'nmi.headerRequired', since: '1.6.0' },
  'prometheus-port': { kind: 'integer' },
  'operation-mode': { kind: 'mode', knob: 'nmi.operationMode', since: '1.6.0' },
  'allow-network-plugin-kubenet': { kind: 'boolean', knob: 'nmi.kubenet.allowed', since: '1.7.0' },
  'kubelet-config': { kind: 'text', since: '1.7.0' },
  'set-retry-after-header': { kind: 'boolean', knob: 'nmi.retryAfter.enabled', since: '1.8.2' },
  'enable-conntrack-deletion': { kind: 'boolean', knob: 'nmi.conntrackDeletion', since: '1.8.7' },
  enableProfile: { kind: 'boolean' },
};

/** Flags of each component. */
export const FLAGS: Readonly<Record<'mic' | 'nmi', Readonly<Record<string, FlagSpec>>>> = { mic: MIC_FLAGS, nmi: NMI_FLAGS };

/** One flag of a command line. */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
  /** Number of the argument it stands in, from 0. */
  readonly index: number;
}

/** Splits a command line as Go's flag packages do: `--name=value`, `--name value`, `--switch`. Words that are no flags are left out. */
export function splitFlags(component: 'mic' | 'nmi', args: readonly string[]): readonly GivenFlag[] {
  const found: GivenFlag[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, name, , value] = /^--?([A-Za-z][\w-]*)(=(.*))?$/su.exec(args[index] ?? '') ?? [];
    if (name === undefined) continue;
    const next = args[index + 1];
    const takesNext = value === undefined && !isSwitch(component, name) && next !== undefined && !next.startsWith('-');
    found.push({ name, value: value ?? (takesNext ? next : 'true'), index });
    if (takesNext) index += 1;
  }
  return found;
}

/** Reads a flag's text as its knob wants it, or says what it must be. */
export function readFlag(
  spec: FlagSpec,
  text: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly rule: string } {
  const wrong = (rule: string): { readonly ok: false; readonly rule: string } => ({ ok: false, rule: `${rule}, not "${text}"` });
  switch (spec.kind) {
    case 'text':
      return { ok: true, value: text };
    case 'boolean': {
      const isTrue = ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
      if (!isTrue && !['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return wrong('must be true or false');
      return { ok: true, value: String(isTrue) };
    }
    case 'duration': {
      const duration = parseDuration(text);
      return duration === undefined ? wrong('must be a duration such as 3m') : { ok: true, value: formatDuration(duration) };
    }
    case 'seconds':
      return /^\d+$/u.test(text) ? { ok: true, value: `${text}s` } : wrong('must be a whole number of seconds');
    case 'integer':
      return /^\d+$/u.test(text) ? { ok: true, value: text } : wrong('must be a whole number');
    case 'number':
      return /^\d+(\.\d+)?$/u.test(text) ? { ok: true, value: text } : wrong('must be a number');
    case 'logFormat':
      return isLogFormat(text) ? { ok: true, value: text } : wrong('must be text or json');
    case 'mode':
      return text === 'standard' || text === 'managed' ? { ok: true, value: text } : wrong('must be standard or managed');
  }
}

function isSwitch(component: 'mic' | 'nmi', name: string): boolean {
  const flags = FLAGS[component];
  const kind = Object.hasOwn(flags, name) ? flags[name]?.kind : undefined;
  return kind === 'boolean' || Object.hasOwn(klog, name);
}
