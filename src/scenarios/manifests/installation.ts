/** Finds MIC and NMI among the objects of a scenario and reads their command lines; or makes the built-in installation. */
import type { Container, DaemonSet, Deployment, KubernetesObject } from '../../model/kubernetes.ts';
import type { Findings } from '../findings.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import { builtinObjects, MIC_ARGS, nmiArgs } from './builtin-installation.ts';
import { flagsOfArgs, readFlags } from './installed-flags.ts';
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
  /** Copies of MIC in the built-in installation [1] -- constant. */
  readonly micReplicas: number;
  readonly document: YamlDocument;
  readonly path: Path;
}

/** An installation, its flags read. */
export interface Installation {
  readonly source: 'builtin' | 'manifests';
  readonly mode: 'standard' | 'managed';
  readonly version: string;
  readonly micFlags: Readonly<Record<string, string>>;
  readonly nmiFlags: Readonly<Record<string, string>>;
  readonly knobs: ReadonlyMap<string, FlagKnob>;
  /** What the loader adds; empty where the manifests bring it. */
  readonly objects: readonly KubernetesObject[];
}

interface Component {
  readonly read: ReadObject;
  readonly object: Deployment | DaemonSet;
  readonly container: Container;
  readonly place: number;
}

const DEFAULT_VERSION = '1.8.17';

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
  const version = request.version ?? DEFAULT_VERSION;
  const micLine = [...MIC_ARGS, ...asArgs(request.micFlags)];
  const nmiLine = [...nmiArgs(mode), ...asArgs(request.nmiFlags)];
  const none = { document: request.document, path: request.path };
  const mic = readFlags([...flagsOfArgs('mic', MIC_ARGS, none), ...scenarioFlags('mic', request)], findings);
  const nmi = readFlags([...flagsOfArgs('nmi', nmiArgs(mode), none), ...scenarioFlags('nmi', request)], findings);
  return {
    source: 'builtin',
    mode,
    version,
    micFlags: mode === 'managed' ? {} : mic.flags,
    nmiFlags: nmi.flags,
    knobs: new Map([...(mode === 'managed' ? [] : mic.knobs), ...nmi.knobs]),
    objects: builtinObjects({ version, mode, micReplicas: request.micReplicas, micArgs: micLine, nmiArgs: nmiLine }),
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
  const micRead = readFlags(micGiven, findings);
  const nmiRead = readFlags(nmiGiven, findings);
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
    version: request?.version ?? versionOf(nmi ?? mic),
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
  if (mic.container.env['MIC_POD_NAMESPACE'] === undefined) {
    findings.warning(document, containerPath(mic), 'MIC_POD_NAMESPACE is not set: MIC ends at once');
  }
}

/** Flags of the command line, after what the environment sets. */
function flagsOf(component: 'mic' | 'nmi', found: Component): readonly LocatedFlag[] {
  const { document } = found.read;
  const path = containerPath(found);
  const forced = found.container.env['FORCENAMESPACED'];
  const fromArgs = flagsOfArgs(component, found.container.args, { document, path: [...path, 'args'] });
  if (forced === undefined) return fromArgs;
  const flag: LocatedFlag = { component, name: 'forceNamespaced', value: forced, document, path: [...path, 'env'], origin: 'manifest' };
  // Upstream joins the variable and the flag by "or": a true one goes last, a false one first.
  return forced.toLowerCase() === 'true' ? [...fromArgs, flag] : [flag, ...fromArgs];
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

function versionOf(found: Component | undefined): string {
  return /:v?(\d[\w.-]*)$/u.exec(found?.container.image ?? '')?.[1] ?? DEFAULT_VERSION;
}
