/**
 * Flags of MIC and NMI, by their real names, and the knobs that carry their effect.
 *
 * Follows cmd/mic/main.go and cmd/nmi/main.go of aad-pod-identity v1.8.17. A flag without a knob changes nothing that is simulated.
 */
import { formatDuration, parseDuration } from '../../kernel/time.ts';
import type { KnobName } from '../../model/calibration/index.ts';

/** What a flag takes. `seconds` is a bare whole number, as NMI has it. */
type FlagKind = 'text' | 'boolean' | 'duration' | 'seconds' | 'integer' | 'number' | 'mode';

/** A flag of a component. */
export interface FlagSpec {
  readonly kind: FlagKind;
  /** Knob that takes its value; absent: it has no effect here, or a special one. */
  readonly knob?: KnobName;
}

/** Flags of the logging library; they change nothing. */
const KLOG = [
  'add_dir_header',
  'alsologtostderr',
  'log_backtrace_at',
  'log_dir',
  'log_file',
  'log_file_max_size',
  'log-format',
  'logtostderr',
  'one_output',
];
const KLOG_MORE = ['skip_headers', 'skip_log_headers', 'stderrthreshold', 'v', 'vmodule', 'version'];
const klog: Readonly<Record<string, FlagSpec>> = Object.fromEntries([...KLOG, ...KLOG_MORE].map((name) => [name, { kind: 'text' }]));

/** Flags of MIC. */
const MIC_FLAGS: Readonly<Record<string, FlagSpec>> = {
  ...klog,
  kubeconfig: { kind: 'text' },
  cloudconfig: { kind: 'text' },
  'custom-user-agent': { kind: 'text' },
  forceNamespaced: { kind: 'boolean', knob: 'mic.namespaced' },
  syncRetryDuration: { kind: 'duration', knob: 'mic.sync.periodic' },
  'leader-election-instance': { kind: 'text' },
  'leader-election-namespace': { kind: 'text' },
  'leader-election-name': { kind: 'text' },
  'leader-election-duration': { kind: 'duration', knob: 'mic.lease.duration' },
  'http-probe-port': { kind: 'integer' },
  'prometheus-port': { kind: 'integer' },
  enableProfile: { kind: 'boolean' },
  enableScaleFeatures: { kind: 'boolean' },
  createDeleteBatch: { kind: 'integer', knob: 'mic.createDeleteBatch' },
  clientQps: { kind: 'number', knob: 'mic.clientQps' },
  'immutable-user-msis': { kind: 'text', knob: 'mic.immutableIds' },
  'config-map-name': { kind: 'text', knob: 'mic.typeUpgrade.configMap' },
  'type-upgrade-status-key': { kind: 'text', knob: 'mic.typeUpgrade.key' },
  'enable-type-upgrade': { kind: 'boolean', knob: 'mic.typeUpgrade.enabled' },
  'update-user-msi-max-retry': { kind: 'integer', knob: 'mic.updateMsi.maxRetry' },
  'update-user-msi-retry-interval': { kind: 'duration', knob: 'mic.updateMsi.retryInterval' },
  'identity-assignment-reconcile-interval': { kind: 'duration', knob: 'mic.reconcile' },
};

/** Flags of NMI. */
const NMI_FLAGS: Readonly<Record<string, FlagSpec>> = {
  ...klog,
  'nmi-listen-address': { kind: 'text' },
  'nmi-port': { kind: 'integer' },
  'metadata-ip': { kind: 'text' },
  'metadata-port': { kind: 'integer' },
  node: { kind: 'text' },
  'ipt-update-interval-sec': { kind: 'seconds', knob: 'nmi.iptables.interval' },
  forceNamespaced: { kind: 'boolean', knob: 'nmi.namespaced' },
  MICNamespace: { kind: 'text', knob: 'nmi.micNamespace' },
  'http-probe-port': { kind: 'integer' },
  'retry-attempts-for-created': { kind: 'integer', knob: 'nmi.lookup.createdAttempts' },
  'retry-attempts-for-assigned': { kind: 'integer', knob: 'nmi.lookup.assignedAttempts' },
  'find-identity-retry-interval': { kind: 'seconds', knob: 'nmi.lookup.interval' },
  enableScaleFeatures: { kind: 'boolean', knob: 'nmi.scaleFeatures' },
  'block-instance-metadata': { kind: 'boolean', knob: 'nmi.blockInstanceMetadata' },
  'metadata-header-required': { kind: 'boolean', knob: 'nmi.headerRequired' },
  'prometheus-port': { kind: 'integer' },
  'operation-mode': { kind: 'mode', knob: 'nmi.operationMode' },
  'allow-network-plugin-kubenet': { kind: 'boolean', knob: 'nmi.kubenet.allowed' },
  'kubelet-config': { kind: 'text' },
  'set-retry-after-header': { kind: 'boolean', knob: 'nmi.retryAfter.enabled' },
  'enable-conntrack-deletion': { kind: 'boolean', knob: 'nmi.conntrackDeletion' },
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
    case 'mode':
      return text === 'standard' || text === 'managed' ? { ok: true, value: text } : wrong('must be standard or managed');
  }
}

function isSwitch(component: 'mic' | 'nmi', name: string): boolean {
  const flags = FLAGS[component];
  const kind = Object.hasOwn(flags, name) ? flags[name]?.kind : undefined;
  return kind === 'boolean' || Object.hasOwn(klog, name);
}
