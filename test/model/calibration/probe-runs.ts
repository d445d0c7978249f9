/** Scenarios as probes of the catalogue: which knobs one reads, and whether a change of one changes what happens in it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SimulationError } from '../../../src/kernel/world.ts';
import { catalogue, resolve } from '../../../src/model/calibration/index.ts';
import type { Calibration, KnobName, Overrides } from '../../../src/model/calibration/index.ts';
import { derive } from '../../../src/scenarios/architecture/derive.ts';
import type { Architecture } from '../../../src/scenarios/architecture/names.ts';
import { assemble } from '../../../src/scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { PACKAGED, packaged } from '../../support/packaged.ts';
import { stressPushes } from './pushes.ts';

/** One scenario to probe with. */
interface Probe {
  readonly scenario: ScenarioDescription;
  /** Knobs that a run of it asks for. */
  readonly reads: ReadonlySet<KnobName>;
  /** Its facts with the knobs as they are, each with its time and its actor. */
  readonly facts: readonly string[];
  /** Events of that run: what a run of it costs. */
  readonly events: number;
}

const FOLDER = join(import.meta.dirname, 'probes');

/** The most expensive scenario that is looked at when somebody asks which one shows a knob [events]. */
const LONGEST = 8000;

/** Names of the scenarios for corners that no packaged one reaches, sorted. */
export const CORNERS: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort();

const probes = new Map<string, Probe>();

/** Whether some fact of the scenario of that name changes when the knob goes to an end of its stress range. */
export function shows(probeName: string, knob: KnobName): boolean {
  const probe = probeNamed(probeName);
  return probe.reads.has(knob) && stressPushes(catalogue[knob]).some((text) => changes(probe, knob, text));
}

/** Whether the scenario of that name sets the knob itself: what it shows then begins from another value than the default. */
export function isSetBy(probeName: string, knob: KnobName): boolean {
  return Object.hasOwn(probeNamed(probeName).scenario.overrides, knob);
}

/** The cheapest scenario that shows the knob, or what is known of it if none does. */
export function whereShown(knob: KnobName): string {
  const readers = [...CORNERS, ...PACKAGED]
    .filter((name) => probeNamed(name).reads.has(knob) && probeNamed(name).events <= LONGEST)
    .sort((a, b) => probeNamed(a).events - probeNamed(b).events);
  const found = readers.find((name) => !isSetBy(name, knob) && shows(name, knob));
  return found ?? (readers.length === 0 ? 'read by no probe' : `shown by no probe, read by ${readers.join(', ')}`);
}

function probeNamed(name: string): Probe {
  const known = probes.get(name);
  if (known !== undefined) return known;
  const [own = '', architecture] = name.split('@');
  const written = CORNERS.includes(own) ? corner(own) : packaged(own);
  const scenario = architecture === undefined ? written : under(written, architecture);
  const facts: string[] = [];
  const life = lived(scenario, {}, (fact) => {
    facts.push(fact);
    return 'same';
  });
  if (life === undefined) throw new Error(`the knobs of ${name} do not go together`);
  const probe = { scenario, facts, reads: life.reads, events: life.events };
  probes.set(name, probe);
  return probe;
}

/** Whether the probe goes another way with that text. A value that its scenario cannot have (two knobs at odds) says nothing. */
function changes({ scenario, facts }: Probe, knob: KnobName, text: string): boolean {
  let seen = 0;
  let way: 'same' | 'other' = 'same';
  const life = lived(scenario, { [knob]: text }, (fact) => {
    if (fact !== facts[seen]) way = 'other';
    seen += 1;
    return way;
  });
  return life !== undefined && (life.way === 'other' || seen !== facts.length);
}

/** The same under another architecture. */
function under(scenario: ScenarioDescription, architecture: string): ScenarioDescription {
  const derivation = derive(scenario, architecture as Architecture);
  if (!derivation.ok) throw new Error(`${scenario.name} ${derivation.rule}`);
  return derivation.scenario;
}

function corner(name: string): ScenarioDescription {
  const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
  const loaded = loadScenario({ path: `${name}.yaml`, text, readText: (file) => readFileSync(join(FOLDER, file), 'utf8') });
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ line, path, rule }) => `${name}.yaml:${String(line)} ${path}: ${rule}`).join('\n'));
  return loaded.scenario;
}

/** Events between two looks whether a run has gone another way. */
const STRIDE = 32;

/** One run, which ends where `onFact` says that it went another way; undefined where the knobs do not go together, or a time grows beyond what the clock can tell. */
function lived(
  scenario: ScenarioDescription,
  overrides: Overrides,
  onFact: (fact: string) => 'same' | 'other',
): { readonly reads: ReadonlySet<KnobName>; readonly events: number; readonly way: 'same' | 'other' } | undefined {
  const resolution = resolve({ ...scenario.overrides, ...overrides });
  if (!resolution.ok) return undefined;
  const reads = new Set<KnobName>();
  const world = assemble(scenario, watched(resolution.calibration, reads), { mode: 'fast' });
  const gone: { way: 'same' | 'other' } = { way: 'same' };
  world.observe({
    onFact: ({ at, actor, fact }) => {
      if (gone.way === 'same') gone.way = onFact(`${String(at)} ${actor} ${JSON.stringify(fact)}`);
    },
  });
  try {
    while (world.run({ events: world.events + STRIDE }).ended === 'paused') if (gone.way === 'other') break;
  } catch (error) {
    if (error instanceof SimulationError && error.cause instanceof RangeError) return undefined;
    throw error;
  }
  return { reads, events: world.events, way: gone.way };
}

/** The same calibration, which notes what it is asked for. */
function watched(calibration: Calibration, reads: Set<KnobName>): Calibration {
  return new Proxy(calibration, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return (name: KnobName, ...rest: readonly unknown[]): unknown => {
        if (property !== 'entries') reads.add(name);
        return Reflect.apply(member, target, [name, ...rest]) as unknown;
      };
    },
  });
}
