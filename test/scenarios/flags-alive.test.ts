/**
 * Claim: every flag of MIC and NMI does something. Method: each is set in a scenario; the knobs that this changes are knobs which some
 * scenario is known to show (`test/model/calibration/shown-by.txt`). Flags that change no knob are listed, with their reasons.
 */
import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../src/scenarios/manifests/flags.ts';
import type { FlagSpec } from '../../src/scenarios/manifests/flags.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { NOWHERE, SHOWN_BY } from '../model/calibration/shown-by.ts';

type Component = 'mic' | 'nmi';

/** Why a flag changes nothing that is simulated. */
const IDLE: readonly { readonly why: string; readonly flags: readonly string[] }[] = [
  {
    why: 'logs are not written',
    flags: `add_dir_header alsologtostderr log_backtrace_at log_dir log_file log_file_max_size logtostderr one_output skip_headers
      skip_log_headers stderrthreshold v vmodule version log-format`.split(/\s+/u),
  },
  {
    why: 'which cluster, node and cloud it is, is said elsewhere in a scenario',
    flags: ['kubeconfig', 'cloudconfig', 'kubelet-config', 'node'],
  },
  {
    why: 'nobody reads the user agent, or asks for metrics and profiles',
    flags: ['custom-user-agent', 'prometheus-port', 'enableProfile'],
  },
  { why: 'the kubelet probes the port that the process opens', flags: ['http-probe-port'] },
  { why: 'the metadata address is where it is', flags: ['metadata-ip', 'metadata-port'] },
];

/** Flags that are idle for one component only: MIC labels assigned identities in any case. */
const IDLE_FOR: Readonly<Record<Component, readonly string[]>> = { mic: ['enableScaleFeatures'], nmi: [] };

/** Values that are not the defaults, by kind of flag; of a switch, one is not. */
const VALUES: Readonly<Record<FlagSpec['kind'], readonly string[]>> = {
  text: ['other'],
  boolean: ['true', 'false'],
  duration: ['7m'],
  seconds: ['7'],
  integer: ['7'],
  number: ['7'],
  mode: ['managed'],
  logFormat: ['json'],
};

/** Knobs that change when the flag is set to one of the values for its kind. */
function knobsOf(component: Component, name: string, { kind }: FlagSpec): readonly string[] {
  return VALUES[kind].flatMap((value) => {
    const text = `question: What does a flag change?
group: basics
horizon: 1s
world:
  cluster: { nodePools: [], podIdentity: { ${component}: { flags: { ${name}: '${value}' } } } }
`;
    const loaded = loadScenario({ path: 'flag.yaml', text, readText: () => undefined });
    if (!loaded.ok) throw new Error(loaded.problems.map(({ path, rule }) => `${path}: ${rule}`).join('\n'));
    return Object.keys(loaded.scenario.overrides);
  });
}

const known = new Map(SHOWN_BY);
const flags = (['mic', 'nmi'] as const).flatMap((component) =>
  Object.entries(FLAGS[component]).map(([name, spec]) => ({ component, name, knobs: knobsOf(component, name, spec) })),
);

describe('each flag', () => {
  it('changes a knob that some scenario shows, or is listed with a reason', () => {
    const unseen = flags.flatMap(({ component, name, knobs }) => {
      const isIdle = IDLE_FOR[component].includes(name) || IDLE.some((group) => group.flags.includes(name));
      const isShown = knobs.some((knob) => (known.get(knob) ?? NOWHERE) !== NOWHERE);
      return isShown === isIdle
        ? [`${component} --${name}: ${isIdle ? 'listed as idle' : `changes ${knobs.join(', ') || 'no knob'}`}`]
        : [];
    });
    expect(unseen).toEqual([]);
  });

  it('that is listed as idle exists', () => {
    const names = flags.map(({ name }) => name);
    expect([...IDLE.flatMap((group) => group.flags), ...IDLE_FOR.mic, ...IDLE_FOR.nmi].filter((name) => !names.includes(name))).toEqual([]);
  });
});
