/**
 * Loads a scenario: text in, a resolved description out, or everything that is wrong with it at once.
 *
 * Text of a scenario → shape → names and times → manifests → installation of pod identity → description. Nothing here throws for bad
 * input, reads a file or a clock: whoever calls hands over texts.
 */
import { parseDuration, ZERO } from '../kernel/time.ts';
import { groupOf } from '../model/directory.ts';
import type { WorkloadRow } from '../model/workload.ts';
import type { ScenarioDescription, StoryStep } from './description.ts';
import { Findings } from './findings.ts';
import { inOrder } from './problem.ts';
import type { Note, Problem } from './problem.ts';
import { partialScenarioSchema, scenarioSchema } from './schema/scenario-schema.ts';
import type { ScenarioSource } from './schema/scenario-schema.ts';
import { readCluster } from './semantics/cluster.ts';
import type { ClusterReading } from './semantics/cluster.ts';
import { declaredNames, refuseTwins } from './semantics/declared-names.ts';
import { readDirectory } from './semantics/directory.ts';
import { readExpectations } from './semantics/expectations.ts';
import { incidentExpectations, readIncident } from './semantics/incident.ts';
import type { Overlay } from './semantics/incident.ts';
import { ManifestReader } from './semantics/manifest-reader.ts';
import type { ReadText } from './semantics/manifest-reader.ts';
import { checkObjects } from './semantics/object-checks.ts';
import { Scope } from './semantics/scope.ts';
import { stepText } from './semantics/step-text.ts';
import { declareStory, readStory, timeInRun } from './semantics/story.ts';
import type { PendingStep } from './semantics/story.ts';
import { warnOfRestores } from './semantics/trouble-verbs.ts';
import { declareWorld, readWorld } from './semantics/world.ts';
import { parseTolerantly } from './text/tolerant-parse.ts';
import { readYaml } from './text/yaml-source.ts';
import type { YamlDocument } from './text/yaml-source.ts';

/** A scenario and the means to read the files it names. */
export interface ScenarioInput {
  /** Path for messages; its last part, without ending, names the scenario. */
  readonly path: string;
  readonly text: string;
  /** Text of a file named by the scenario, by its path relative to the scenario. */
  readonly readText: ReadText;
}

/** What loading gave. */
export type LoadResult =
  | { readonly ok: true; readonly scenario: ScenarioDescription; readonly notes: readonly Note[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly notes: readonly Note[] };

const DEFAULT_SUBSCRIPTION = '00000000-0000-4000-8000-000000000001';
const DEFAULT_NODE_GROUP = 'idflow-machines';
const DEFAULT_LOCATION = 'westeurope';
const DEFAULT_SEED = 'idflow';

/** Loads a scenario. Problems and notes come in the order of file, line and column. */
export function loadScenario(input: ScenarioInput): LoadResult {
  return load(input, undefined);
}

/** `overlay`: what another run of an incident has otherwise. */
function load(input: ScenarioInput, overlay: Overlay | undefined): LoadResult {
  const findings = new Findings();
  const document = onlyDocument(input, findings);
  if (overlay !== undefined && document !== undefined) overlay(document);
  const scenario = document === undefined ? undefined : describe(input, document, findings);
  const notes = inOrder(findings.notes);
  if (scenario !== undefined && findings.problems.length === 0) return { ok: true, scenario, notes };
  return { ok: false, problems: inOrder(findings.problems), notes };
}

function onlyDocument({ path, text }: ScenarioInput, findings: Findings): YamlDocument | undefined {
  const { documents, problems } = readYaml(path, text);
  findings.problems.push(...problems);
  const [first, second] = documents.filter((document) => !document.isEmpty);
  if (problems.length > 0) return undefined;
  if (first === undefined) findings.problems.push({ file: path, line: 1, column: 1, path: '', rule: 'the scenario is empty' });
  if (second !== undefined) findings.problem(second, [], 'is a second document: a file holds one scenario');
  return first;
}

function describe(input: ScenarioInput, document: YamlDocument, findings: Findings): ScenarioDescription | undefined {
  const raw = document.read();
  const names = declaredNames(raw.ok ? raw.value : undefined);
  if (raw.ok) refuseTwins(raw.value, document, findings);
  const { value: source, problems } = parseTolerantly(scenarioSchema, partialScenarioSchema, document);
  findings.problems.push(...problems);
  if (source === undefined) return undefined;

  const { world = {}, story = [], expect = [] } = source;
  const location = { subscription: world.subscription ?? DEFAULT_SUBSCRIPTION, resourceGroup: world.resourceGroup ?? DEFAULT_NODE_GROUP };
  const horizon = source.horizon === undefined ? undefined : parseDuration(source.horizon);
  const scope = new Scope({ document, findings, names, location, horizon });
  declareWorld(scope, world);
  declareStory(scope, story);
  const { workloads, ...reading } = readWorld(scope, world);
  const claims = readDirectory(scope, world);
  const allWorkloads: WorkloadRow[] = [...workloads];

  const manifests = new ManifestReader(scope, input.readText, input.path);
  const pending = [...readManifests(scope, source, manifests), ...readStory(scope, story, manifests, allWorkloads)];
  const incident = source.incident === undefined ? undefined : readIncident(scope, source, (overlay) => load(input, overlay));
  const expectations = [...readExpectations(scope, expect), ...(incident === undefined ? [] : incidentExpectations(incident))];
  const { cluster, installation, overrides } = readCluster(scope, world, manifests);
  checkObjects(scope, source, manifests);
  warnOfRestores(scope, story);

  if (source.question === undefined || horizon === undefined) return undefined;
  return {
    name: nameOf(input.path),
    path: input.path,
    question: source.question.trim(),
    description: source.description?.trim() ?? '',
    ...(source.group === undefined ? {} : { group: source.group }),
    falls: source.falls?.trim() ?? '',
    horizon,
    seed: String(source.seed ?? DEFAULT_SEED),
    ...location,
    location: world.location ?? DEFAULT_LOCATION,
    identities: [...scope.identities.values()].filter(({ name }) => scope.identitiesAtStart.has(name)),
    applications: [...scope.applications.values()],
    services: [...scope.services.values()],
    groups: [...names.groups].map(groupOf),
    claims,
    ...reading,
    ...(cluster === undefined ? {} : { cluster }),
    workloads: allWorkloads,
    steps: numbered([...installationSteps(document, installation), ...pending]),
    expectations,
    ...(incident === undefined ? {} : { incident }),
    overrides,
  };
}

/** Manifests as steps, in the order in which they are named. */
function readManifests(scope: Scope, source: ScenarioSource, reader: ManifestReader): readonly PendingStep[] {
  return (source.manifests ?? []).flatMap((manifest, index) => {
    const path = ['manifests', index];
    const { file, fill = {}, at: time = '0s' } = typeof manifest === 'string' ? { file: manifest } : manifest;
    const objects = reader.readFile(file, fill, path);
    const at = timeInRun(scope, time, [...path, 'at']);
    return at === undefined
      ? []
      : [{ at, text: '', origin: 'manifest', place: scope.document.placeOf(path), action: { verb: 'apply', file, objects } }];
  });
}

function installationSteps(document: YamlDocument, installation: ClusterReading['installation']): readonly PendingStep[] {
  if (installation === undefined || installation.objects.length === 0) return [];
  const { objects, mode } = installation;
  const place = document.placeOf(['world', 'cluster', 'podIdentity']);
  const text = mode === 'managed' ? 'Install NMI' : 'Install MIC and NMI';
  return [{ at: ZERO, text, origin: 'installation', place, action: { verb: 'apply', file: '', objects } }];
}

/** By time; what comes first in `steps` stays first within one time. */
function numbered(steps: readonly PendingStep[]): readonly StoryStep[] {
  const sorted = [...steps].sort((a, b) => a.at - b.at);
  return sorted.map((step, index) => ({
    ...step,
    id: `step-${String(index + 1).padStart(4, '0')}`,
    text: step.text === '' ? stepText(step.action) : step.text,
  }));
}

function nameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.ya?ml$/u, '');
}
