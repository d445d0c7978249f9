/** Finds MIC and NMI among the objects of a scenario and reads their command lines; or makes the built-in installation. */
import type { Container, DaemonSet, Deployment, KubernetesObject } from '../../model/kubernetes.ts';
import { presetKnobs } from '../../model/pod-identity-release/preset-knobs.ts';
import { DEFAULT_RELEASE, RELEASES, isRelease, isWithin } from '../../model/pod-identity-release/release.ts';
import type { Release } from '../../model/pod-identity-release/release.ts';
import { defaultCalibration } from '../../model/calibration/index.ts';
import type { Findings } from '../findings.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import { builtinObjects, MIC_ARGS, nmiArgs } from './builtin-installation.ts';
import { argsOfRelease, flagsOfArgs, readFlags } from './installed-flags.ts';
import type { FlagKnob, LocatedFlag } from './installed-flags.ts';
import type { ReadObject } from './read-manifest.ts';

/** What `podIdentity:` of the scenario says. */
export interface InstallationRequest {
  readonly version: string | undefined;
  readonly mode: 'standard' | 'managed' | undefined;
  readonly install: 'manifests' | 'builtin' | undefined;
  readonly lookup: 'aai' | 'mic';
  readonly micFlags: Readonly<Record<string, string>>;
  readonly nmiFlags: Readonly<Record<string, string>>;
  /** Copies of MIC in the built-in installation [1] -- constant; undefined: as many as the release was published with. */
  readonly micReplicas: number | undefined;
  readonly document: YamlDocument;
  readonly path: Path;
}

/** An installation, its flags read. */
export interface Installation {
  readonly source: 'builtin' | 'manifests';
  readonly mode: 'standard' | 'managed';
  readonly version: Release;
  readonly micFlags: Readonly<Record<string, string>>;
  readonly nmiFlags: Readonly<Record<string, string>>;
  readonly knobs: ReadonlyMap<string, FlagKnob>;
  /** What the loader adds; empty where the manifests bring it. */
  readonly objects: readonly KubernetesObject[];
}

/** Release that brought managed mode (#486). */
export const MANAGED_SINCE: Release = '1.6.0';

interface Component {
  readonly read: ReadObject;
  readonly object: Deployment | DaemonSet;
  readonly container: Container;
  readonly place: number;
}

/** The installation of a scenario; undefined where neither it nor its manifests ask for one. */
export function installationOf(
  request: InstallationRequest | undefined,
  objects: readonly ReadObject[],
  findings: Findings,
): Installation | undefined {
  const mic = componentAmong(objects, 'Deployment', 'mic');
  const nmi = componentAmong(objects, 'DaemonSet', 'nmi');
  if (mic === undefined && nmi === undefined) {
    if (request === undefined) return undefined;
    if (request.install === 'manifests') {
      findings.problem(request.document, [...request.path, 'install'], 'no manifest has the DaemonSet of NMI, or the Deployment of MIC');
    }
    return builtin(request, findings);
  }
  return fromManifests(request, { mic, nmi }, findings);
}

function builtin(request: InstallationRequest, findings: Findings): Installation {
  const mode = request.nmiFlags['operation-mode'] === 'managed' ? 'managed' : (request.mode ?? 'standard');
  const version = releaseOf(request, undefined, findings);
  checkMode(request, mode, version, findings);
  const published = { mic: argsOfRelease('mic', MIC_ARGS, version), nmi: argsOfRelease('nmi', nmiArgs(mode), version) };
  const micLine = [...published.mic, ...asArgs(request.micFlags)];
  const nmiLine = [...published.nmi, ...asArgs(request.nmiFlags)];
  const micReplicas = request.micReplicas ?? Number(presetKnobs(version)['mic.replicas'] ?? defaultCalibration().value('mic.replicas'));
  const none = { document: request.document, path: request.path };
  const mic = readFlags([...flagsOfArgs('mic', published.mic, none), ...scenarioFlags('mic', request)], version, findings);
  const nmi = readFlags([...flagsOfArgs('nmi', published.nmi, none), ...scenarioFlags('nmi', request)], version, findings);
  return {
    source: 'builtin',
    mode,
    version,
    micFlags: mode === 'managed' ? {} : mic.flags,
    nmiFlags: nmi.flags,
    knobs: new Map([...(mode === 'managed' ? [] : mic.knobs), ...nmi.knobs]),
    objects: builtinObjects({ version, mode, micReplicas, micArgs: micLine, nmiArgs: nmiLine }),
  };
}

function fromManifests(
  request: InstallationRequest | undefined,
  found: { readonly mic: Component | undefined; readonly nmi: Component | undefined },
  findings: Findings,
): Installation {
  const { mic, nmi } = found;
  const micGiven = [...(mic === undefined ? [] : flagsOf('mic', mic)), ...scenarioFlags('mic', request)];
  const nmiGiven = [...(nmi === undefined ? [] : flagsOf('nmi', nmi)), ...scenarioFlags('nmi', request)];
  const version = releaseOf(request, nmi ?? mic, findings);
  const micRead = readFlags(micGiven, version, findings);
  const nmiRead = readFlags(nmiGiven, version, findings);
  const mode = nmiRead.flags['operation-mode'] === 'managed' ? 'managed' : 'standard';
  if (request?.mode !== undefined && request.mode !== mode) {
    findings.problem(request.document, [...request.path, 'mode'], `is ${request.mode}, but NMI of the manifests runs in ${mode} mode`);
  }
  if (request?.install === 'builtin') {
    findings.problem(request.document, [...request.path, 'install'], 'is builtin, but the manifests bring MIC or NMI themselves');
  }
  warnOfMissing(found, mode, findings);
  return {
    source: 'manifests',
    mode,
    version,
    micFlags: micRead.flags,
    nmiFlags: nmiRead.flags,
    knobs: new Map([...micRead.knobs, ...nmiRead.knobs]),
    objects: [],
  };
}

function warnOfMissing(
  found: { readonly mic: Component | undefined; readonly nmi: Component | undefined },
  mode: 'standard' | 'managed',
  findings: Findings,
): void {
  const { mic, nmi } = found;
  if (nmi === undefined && mic !== undefined) {
    findings.warning(mic.read.document, mic.read.path, 'MIC comes without NMI: no pod gets a token through it');
  }
  if (nmi !== undefined && mic === undefined && mode === 'standard') {
    findings.warning(nmi.read.document, nmi.read.path, 'NMI in standard mode comes without MIC: no identity is ever assigned');
  }
  if (mic === undefined) return;
  const { document } = mic.read;
  if ((mic.container.env['MIC_POD_NAMESPACE'] ?? '') === '') {
    findings.warning(document, containerPath(mic), 'MIC_POD_NAMESPACE is not set: MIC ends at once');
  }
}

/** Flags of the command line, after what the environment sets. */
function flagsOf(component: 'mic' | 'nmi', found: Component): readonly LocatedFlag[] {
  const { document } = found.read;
  const path = containerPath(found);
  const forced = found.container.env['FORCENAMESPACED'];
  const { args, env } = found.container;
  const fromArgs = flagsOfArgs(component, args, { document, path: [...path, 'args'] }).filter((flag) => !isOwnPodName(flag, env));
  // Upstream joins the flag and the variable by "or", and only the very word counts.
  if (forced !== 'true') return fromArgs;
  const flag: LocatedFlag = { component, name: 'forceNamespaced', value: forced, document, path: [...path, 'env'], origin: 'manifest' };
  return [...fromArgs, flag];
}

/** The name of the pod by way of the environment: what the flag is without being set. */
function isOwnPodName({ name, value }: LocatedFlag, env: Container['env']): boolean {
  const variable = /^\$\((\w+)\)$/u.exec(value)?.[1];
  return name === 'leader-election-instance' && variable !== undefined && env[variable] === 'metadata.name';
}

function scenarioFlags(component: 'mic' | 'nmi', request: InstallationRequest | undefined): readonly LocatedFlag[] {
  if (request === undefined) return [];
  const flags = component === 'mic' ? request.micFlags : request.nmiFlags;
  const { document, path } = request;
  return Object.entries(flags).map(([name, value]) => ({
    component,
    name,
    value,
    document,
    path: [...path, component, 'flags', name],
    origin: 'scenario',
  }));
}

function asArgs(flags: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

function containerPath(found: Component): Path {
  return [...found.read.path, 'spec', 'template', 'spec', 'containers', found.place];
}

/** The object whose pods run an image of that name: the last part of the path, without registry and tag. */
function componentAmong(objects: readonly ReadObject[], kind: 'Deployment' | 'DaemonSet', name: 'mic' | 'nmi'): Component | undefined {
  for (const read of objects) {
    const { object } = read;
    if ((object.kind !== 'Deployment' && object.kind !== 'DaemonSet') || object.kind !== kind) continue;
    const containers = object.spec.template.spec.containers;
    const place = containers.findIndex((container) => imageName(container.image) === name);
    const container = containers[place];
    if (container !== undefined) return { read, object, container, place };
  }
  return undefined;
}

function imageName(image: string): string {
  return (image.split('/').at(-1) ?? '').replace(/[:@].*$/u, '');
}

/** The release: what the scenario says, else the tag of the image (of NMI, if there is one), else the last. */
function releaseOf(request: InstallationRequest | undefined, found: Component | undefined, findings: Findings): Release {
  if (request?.version !== undefined) {
    const version = request.version.replace(/^v/u, '');
    if (isRelease(version)) return version;
    findings.problem(
      request.document,
      [...request.path, 'version'],
      `"${request.version}" is no known release; known are ${RELEASES.join(', ')}`,
    );
    return DEFAULT_RELEASE;
  }
  const tag = /:v?(\d[\w.-]*)$/u.exec(found?.container.image ?? '')?.[1];
  if (tag === undefined) return DEFAULT_RELEASE;
  if (isRelease(tag)) return tag;
  const rule = `${tag} is no release that is known: it is taken for ${DEFAULT_RELEASE}, unless podIdentity.version names another`;
  if (found !== undefined) findings.warning(found.read.document, [...containerPath(found), 'image'], rule);
  return DEFAULT_RELEASE;
}

function checkMode(request: InstallationRequest, mode: 'standard' | 'managed', version: Release, findings: Findings): void {
  if (mode === 'standard' || request.mode === undefined || isWithin(version, { from: MANAGED_SINCE })) return;
  findings.problem(request.document, [...request.path, 'mode'], `is managed, which came with ${MANAGED_SINCE}; the release is ${version}`);
}
