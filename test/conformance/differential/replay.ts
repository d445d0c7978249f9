/** Plays the steps of a recording to the MIC actor and writes down what it did, in the words of the recording. */
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { ApiServer } from '../stage/api-server.ts';
import { Cloud } from '../stage/cloud.ts';
import { ControlPlane, dropObject, INSTANT, isCaseKind, MIC, putObject, spawnMic } from '../stage/control-plane.ts';
import { objectOf, textAt } from '../stage/objects.ts';
import type { CaseObject, DataMap } from '../stage/objects.ts';
import { changeCloud } from './arm-change.ts';
import { Faults } from './faults.ts';
import { snapshot } from './snapshot.ts';
import type { Outcome, Snapshot, Vector, VectorStep } from './vector.ts';

/** How chance is settled in one replay. */
export interface Chance {
  readonly listOrder: 'given' | 'seeded';
  readonly seed: string;
}

/** Replays a recording. */
export function replay(vector: Vector, chance: Chance): Outcome {
  return new Replay(vector, chance).run();
}

class Replay {
  readonly #vector: Vector;
  readonly #plane: ControlPlane;
  readonly #faults: Faults;
  /** Each object's manifest as last applied: applying it again changes nothing. */
  readonly #applied = new Map<string, string>();

  constructor(vector: Vector, chance: Chance) {
    this.#vector = vector;
    const { flags, cloudConfig, armResources, objects } = vector.given;
    const cloud = new Cloud();
    for (const resource of armResources) cloud.put({ ...resource, state: resource.state ?? 'Succeeded' });
    const server = new ApiServer();
    this.#faults = new Faults(cloud, server);
    this.#plane = new ControlPlane({
      seed: chance.seed,
      wakesBy: 'ticks',
      cloud,
      server,
      overrides: {
        ...INSTANT,
        'informer.listOrder': chance.listOrder,
        // No cycle of its own, and none that a sleep puts off.
        'mic.sync.periodic': '3000d',
        'mic.reconcile': '3000d',
        'mic.sync.tail': '0s',
        'mic.updateMsi.retryInterval': '0s',
        'mic.updateMsi.maxRetry': flags.mic['update-user-msi-max-retry'],
        'mic.createDeleteBatch': flags.mic.createDeleteBatch,
      },
      settings: {
        forceNamespaced: flags.mic.forceNamespaced ? 'yes' : 'no',
        immutableClientIds: flags.mic['immutable-user-msis'],
        clusterIdentityClientId: cloudConfig.userAssignedIdentityID,
        resourceGroup: cloudConfig.resourceGroup,
      },
    });
    for (const manifest of objects) this.#plane.fill(this.#objectOf(manifest));
    this.#plane.startMic('settled');
  }

  run(): Outcome {
    return this.#vector.steps.flatMap((step, index): readonly Snapshot[] => {
      const { cloud, server, facts } = this.#plane;
      for (const list of [cloud.calls, server.assignedCalls, facts]) list.length = 0;
      this.#plane.act((turn) => this.#perform(step, turn));
      if (step.advance !== undefined) this.#plane.pass(step.advance);
      return step.sync === undefined && step.reconcile === undefined ? [] : [snapshot(this.#plane, index)];
    });
  }

  #perform(step: VectorStep, turn: Turn): void {
    for (const manifest of step.apply ?? []) this.#apply(manifest, turn);
    for (const ref of step.delete ?? []) this.#delete(ref, turn);
    if (step.patchStatus !== undefined) this.#plane.server.setStatus(keyIn(step.patchStatus.ref), step.patchStatus.status, turn);
    if (step.arm !== undefined) changeCloud(this.#plane.cloud, step.arm);
    if (step.fault !== undefined) this.#faults.add(step.fault);
    if (step.clearFault !== undefined) this.#faults.clear(step.clearFault);
    if (step.hold !== undefined) turn.stall(MIC, 'azureAssignedIdentities', 'frozen');
    if (step.release !== undefined) turn.stall(MIC, 'azureAssignedIdentities', 'flowing');
    if (step.restart !== undefined) restartMic(turn);
    if (step.sync !== undefined) turn.send(MIC, { type: 'PeriodicSyncDue' });
    if (step.reconcile !== undefined) turn.send(MIC, { type: 'ReconcileDue' });
  }

  #apply(manifest: DataMap, turn: Turn): void {
    const before = this.#applied.get(refOf(manifest));
    if (before !== JSON.stringify(manifest)) putObject(this.#objectOf(manifest), turn);
  }

  #delete(ref: string, turn: Turn): void {
    this.#applied.delete(ref);
    const kind = ref.slice(0, ref.indexOf('/'));
    if (kind === 'AzureAssignedIdentity') this.#plane.server.remove(keyIn(ref), turn);
    else if (isCaseKind(kind)) dropObject(kind, keyIn(ref), turn);
    else throw new Error(`${this.#vector.id} deletes ${ref}, a kind that no recording has`);
  }

  #objectOf(manifest: DataMap): CaseObject {
    const object = objectOf(manifest, this.#plane.server.nextVersion());
    if (object === undefined) throw new Error(`${this.#vector.id} has a ${textAt(manifest, 'kind')}, a kind that no recording has`);
    this.#applied.set(`${object.kind}/${keyOf(object)}`, JSON.stringify(manifest));
    return object;
  }
}

function refOf(manifest: DataMap): string {
  const object = objectOf(manifest, '');
  return object === undefined ? '' : `${object.kind}/${keyOf(object)}`;
}

/** `namespace/name` of a reference `Kind/namespace/name`. */
function keyIn(ref: string): string {
  return ref.slice(ref.indexOf('/') + 1);
}

/** The process is replaced by a new one that knows what its caches show. */
function restartMic(turn: Turn): void {
  turn.stop(MIC);
  spawnMic(turn, 'settled');
}
