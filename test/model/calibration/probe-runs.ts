/** Scenarios as probes of the catalogue: which knobs one reads, and whether a change of one changes what happens in it. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SimulationError } from '../../../src/kernel/world.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { Calibration, KnobName, Overrides } from '../../../src/model/calibration/index.ts';
import { assemble } from '../../../src/scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { PACKAGED, packaged } from '../../support/packaged.ts';

/** One scenario to probe with. */
export interface Probe {
  readonly name: string;
  readonly scenario: ScenarioDescription;
  /** Knobs that a run of it asks for. */
  readonly reads: ReadonlySet<KnobName>;
  /** Hash of its facts with the knobs as they are. */
  readonly facts: string;
  /** Events of that run: what a run of it costs. */
  readonly events: number;
}

const FOLDER = join(import.meta.dirname, 'probes');

/** The scenarios for corners that no packaged one reaches, then the packaged ones: each cheaper than the next. */
export function allProbes(): readonly Probe[] {
  const corners = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
  const scenarios = [
    ...corners.map((file) => ({ name: `probes/${file}`, scenario: loaded(join(FOLDER, file)) })),
    ...PACKAGED.map((name) => ({ name, scenario: packaged(name) })),
  ];
  return scenarios.map(({ name, scenario }) => probeOf(name, scenario)).sort((a, b) => a.events - b.events);
}

/** Hash of the facts of a probe with some knobs changed; undefined where the knobs do not go together. */
export function factsWith(probe: Probe, overrides: Overrides): string | undefined {
  return lived(probe.scenario, overrides)?.facts;
}

function loaded(path: string): ScenarioDescription {
  const scenario = loadScenario({ path, text: readFileSync(path, 'utf8'), readText: () => undefined });
  if (!scenario.ok) throw new Error(scenario.problems.map((problem) => `${problem.path}: ${problem.rule}`).join('\n'));
  return scenario.scenario;
}

function probeOf(name: string, scenario: ScenarioDescription): Probe {
  const life = lived(scenario, {});
  if (life === undefined) throw new Error(`the knobs of ${name} do not go together`);
  return { name, scenario, ...life };
}

function lived(scenario: ScenarioDescription, overrides: Overrides): Omit<Probe, 'name' | 'scenario'> | undefined {
  const resolution = resolve({ ...scenario.overrides, ...overrides });
  if (!resolution.ok) return undefined;
  const reads = new Set<KnobName>();
  const world = assemble(scenario, watched(resolution.calibration, reads), { mode: 'fast' });
  const facts = createHash('sha1');
  world.observe({ onFact: ({ at, actor, fact }) => void facts.update(`${String(at)} ${actor} ${JSON.stringify(fact)}\n`) });
  const events = eventsOf(world);
  if (events === undefined) return undefined;
  return { reads, facts: facts.digest('hex'), events };
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

/** Runs it; undefined where a time grows beyond what the clock can tell, which values beyond all reason may do. */
function eventsOf(world: ReturnType<typeof assemble>): number | undefined {
  try {
    return world.run().events;
  } catch (error) {
    if (error instanceof SimulationError && error.cause instanceof RangeError) return undefined;
    throw error;
  }
}
