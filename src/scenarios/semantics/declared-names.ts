/**
 * Names that a scenario declares, read from the raw text before anything wrong is taken away.
 *
 * An identity with a misspelled client id is still an identity: those who refer to it are not at fault.
 */
import type { Findings } from '../findings.ts';
import { isRecord } from '../manifests/fields.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';

/** Names by what they name. Machines are `vm:NAME` and `vmss:NAME`. */
export interface DeclaredNames {
  readonly identities: ReadonlySet<string>;
  readonly applications: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly machines: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  /** Applications in pods. */
  readonly workloads: ReadonlySet<string>;
}

/** The names that the raw value of a scenario declares, in its world and in its story. */
export function declaredNames(raw: unknown): DeclaredNames {
  const world = at(raw, 'world');
  const story = list(at(raw, 'story'));
  const created = (verb: string): readonly unknown[] => story.map((step) => at(step, verb));
  const named = (prefix: string, things: readonly unknown[]): readonly string[] => namesOf(things).map((name) => `${prefix}${name}`);
  return {
    identities: new Set(namesOf([...list(at(world, 'identities')), ...created('createIdentity')])),
    applications: new Set(namesOf(list(at(world, 'applications')))),
    groups: new Set(namesOf(list(at(world, 'groups')))),
    services: new Set(namesOf(list(at(world, 'services')))),
    machines: new Set([
      ...named('vm:', [...list(at(world, 'virtualMachines')), ...created('createVm')]),
      ...named('vmss:', [...list(at(world, 'scaleSets')), ...created('createScaleSet')]),
    ]),
    pools: new Set(namesOf(list(at(at(world, 'cluster'), 'nodePools')))),
    workloads: new Set(namesOf(list(at(at(world, 'cluster'), 'workloads')))),
  };
}

/** Reports things of one kind that have one name, at the second of them. */
export function refuseTwins(raw: unknown, document: YamlDocument, findings: Findings): void {
  const world = at(raw, 'world');
  const cluster = at(world, 'cluster');
  const story = list(at(raw, 'story'));
  const among = (what: string, lists: readonly Located[]): void => {
    const seen = new Set<string>();
    for (const { path, things } of lists) {
      for (const [index, thing] of things.entries()) {
        const name = at(thing, 'name');
        if (typeof name !== 'string') continue;
        if (seen.has(name)) findings.problem(document, [...path, index, 'name'], `there are two ${what} with the name "${name}"`);
        seen.add(name);
      }
    }
  };
  const inWorld = (key: string): Located => ({ path: ['world', key], things: list(at(world, key)) });
  const inCluster = (key: string): Located => ({ path: ['world', 'cluster', key], things: list(at(cluster, key)) });
  const workloadsIn = (machine: unknown, path: Path): Located => ({ path: [...path, 'workloads'], things: list(at(machine, 'workloads')) });

  among('identities', [inWorld('identities')]);
  among('applications', [inWorld('applications')]);
  among('groups', [inWorld('groups')]);
  among('services', [inWorld('services')]);
  among('VMs', [inWorld('virtualMachines')]);
  among('scale sets', [inWorld('scaleSets')]);
  among('node pools', [inCluster('nodePools')]);
  const machines = [inWorld('virtualMachines'), inWorld('scaleSets')];
  among('workloads', [
    ...machines.flatMap(({ path, things }) => things.map((machine, index) => workloadsIn(machine, [...path, index]))),
    inCluster('workloads'),
    ...story.flatMap((step, index) => ['createVm', 'createScaleSet'].map((verb) => workloadsIn(at(step, verb), ['story', index, verb]))),
  ]);
}

/** A list with the place where it stands. */
interface Located {
  readonly path: Path;
  readonly things: readonly unknown[];
}

function at(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function namesOf(things: readonly unknown[]): readonly string[] {
  return things.flatMap((thing) => {
    const name = at(thing, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}
