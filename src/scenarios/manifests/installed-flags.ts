/** From the command lines of MIC and NMI, and the flags a scenario sets, to the knobs that carry their effect. */
import type { OverrideValue } from '../../model/calibration/index.ts';
import { presetKnobs } from '../../model/pod-identity-release/preset-knobs.ts';
import { isWithin } from '../../model/pod-identity-release/release.ts';
import type { Release } from '../../model/pod-identity-release/release.ts';
import type { Findings } from '../findings.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import { FLAGS, readFlag, splitFlags } from './flags.ts';

/** A flag with the place it was read from. */
export interface LocatedFlag {
  readonly component: 'mic' | 'nmi';
  readonly name: string;
  readonly value: string;
  readonly document: YamlDocument;
  readonly path: Path;
  /** Flags of the scenario must be known; those of a manifest may be of another version. */
  readonly origin: 'scenario' | 'manifest';
}

/** Where a knob got its value from. */
export interface FlagKnob {
  readonly value: OverrideValue;
  readonly flag: LocatedFlag;
}

/** Flags that count, by name, and the knobs they set. Later ones win. */
export interface FlagReading {
  readonly flags: Readonly<Record<string, string>>;
  readonly knobs: ReadonlyMap<string, FlagKnob>;
}

/** The flags of a container's command line, with their places. */
export function flagsOfArgs(
  component: 'mic' | 'nmi',
  args: readonly string[],
  place: { readonly document: YamlDocument; readonly path: Path },
): readonly LocatedFlag[] {
  return splitFlags(component, args).map(({ name, value, index }) => ({
    component,
    name,
    value,
    document: place.document,
    path: [...place.path, index],
    origin: 'manifest',
  }));
}

/**
 * Checks flags one by one. Unknown ones of a manifest are notes, of a scenario problems; one that the release does not know yet is a
 * problem wherever it stands, for the process would end at once.
 */
export function readFlags(given: readonly LocatedFlag[], release: Release, findings: Findings): FlagReading {
  const flags = new Map<string, string>();
  const knobs = new Map<string, FlagKnob>();
  for (const flag of given) {
    const specs = FLAGS[flag.component];
    const spec = Object.hasOwn(specs, flag.name) ? specs[flag.name] : undefined;
    if (spec === undefined) {
      const rule = unknownRule(`flag of ${flag.component.toUpperCase()}`, flag.name, Object.keys(specs));
      if (flag.origin === 'scenario') findings.problem(flag.document, flag.path, rule);
      else findings.note(flag.document, flag.path, rule);
      continue;
    }
    if (!isWithin(release, { from: spec.since })) {
      const rule = `--${flag.name} came with ${spec.since ?? ''}: ${flag.component.toUpperCase()} ${release} does not know it and ends`;
      findings.problem(flag.document, flag.path, rule);
      continue;
    }
    const read = readFlag(spec, flag.value);
    if (!read.ok) {
      findings.problem(flag.document, flag.path, `--${flag.name} ${read.rule}`);
      continue;
    }
    flags.set(flag.name, flag.value);
    if (spec.knob !== undefined) knobs.set(spec.knob, { value: read.value, flag });
    composedKnobs(flag, flags).forEach(([knob, value]) => knobs.set(knob, { value, flag }));
  }
  const names = [...flags.keys()].sort();
  return { flags: Object.fromEntries(names.map((name) => [name, flags.get(name) ?? ''])), knobs };
}

/** Of a published command line, what the manifests of a release had: no flag it does not know, no default it did not have. */
export function argsOfRelease(component: 'mic' | 'nmi', args: readonly string[], release: Release): readonly string[] {
  const preset = presetKnobs(release);
  return args.filter((arg) => {
    const [given] = splitFlags(component, [arg]);
    const spec = given === undefined ? undefined : FLAGS[component][given.name];
    return isWithin(release, { from: spec?.since }) && (spec?.knob === undefined || !Object.hasOwn(preset, spec.knob));
  });
}

/** Knobs that two flags make together. */
function composedKnobs(flag: LocatedFlag, flags: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  if (flag.name === 'leader-election-namespace' || flag.name === 'leader-election-name') {
    const namespace = flags.get('leader-election-namespace') ?? 'default';
    return [['mic.lease.lockObject', `${namespace}/${flags.get('leader-election-name') ?? 'aad-pod-identity-mic'}`]];
  }
  if (flag.name === 'nmi-listen-address' || flag.name === 'nmi-port') {
    return [['nmi.listenAddress', `${flags.get('nmi-listen-address') ?? '127.0.0.1'}:${flags.get('nmi-port') ?? '2579'}`]];
  }
  return [];
}
