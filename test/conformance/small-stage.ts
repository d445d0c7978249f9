/** Cases of MIC alone: the real MIC between stand-ins that answer at once. What takes no time happens in one batch, so that no cycle sees half of it. */
import { FileWatch } from './functions/file-functions.ts';
import type { Turn } from '../../src/model/vocabulary.ts';
import { uuidOf } from '../../src/model/uuid.ts';
import { NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import { CaseFaults, existingIdentities } from './case-faults.ts';
import type { CaseRecords, CaseStage } from './case-stage.ts';
import { buildWorld } from './case-world.ts';
import { CloudClient } from './cloud-client.ts';
import { changeCloud } from './differential/arm-change.ts';
import { dropObject, isCaseKind, MIC, putObject, spawnMic } from './stage/control-plane.ts';
import type { ControlPlane } from './stage/control-plane.ts';
import type { CloudCall, Resource } from './stage/cloud.ts';
import { isMap, listAt, mapAt, objectOf, textAt, textsAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import type { SeenEvent, SeenObject } from './stage/world-view.ts';

/** The small world as a stage. */
export class SmallStage implements CaseStage {
  readonly looks = 'at every event';
  readonly functions: CaseStage['functions'];
  readonly #given: DataMap;
  readonly #records: CaseRecords;
  readonly #plane: ControlPlane;
  readonly #faults: CaseFaults;
  readonly #applied = new Map<string, string>();
  #batch: ((turn: Turn) => void)[] = [];

  constructor(one: ConformanceCase, records: CaseRecords) {
    const client = new CloudClient();
    this.#given = one.given;
    this.#records = records;
    this.#plane = buildWorld(one, [client.actor]);
    this.#faults = new CaseFaults(this.#plane.cloud, this.#plane.server, existingIdentities(one.given));
    this.functions = { given: one.given, metrics: this.#plane.metrics, files: new FileWatch(), plane: this.#plane, client };
  }

  get now(): number {
    return this.#plane.now;
  }

  get isMicAlive(): boolean {
    return this.#plane.isMicAlive;
  }

  get isQuiet(): boolean {
    return this.#plane.isQuiet;
  }

  get armCalls(): readonly CloudCall[] {
    return this.#plane.armCalls;
  }

  get events(): readonly SeenEvent[] {
    return this.#plane.events;
  }

  pass(time: number): void {
    this.#plane.pass(time);
  }

  passToNext(within: number): boolean {
    return this.#plane.passToNext(within);
  }

  objectsOf(kind: string): readonly SeenObject[] {
    return this.#plane.objectsOf(kind);
  }

  resource(resource: Resource): ReturnType<CaseStage['resource']> {
    return this.#plane.resource(resource);
  }

  gather(step: DataMap): boolean {
    if (step['apply'] !== undefined) {
      if (step['as'] !== undefined) throw new NoSeam('admission is not part of the small world');
      for (const manifest of listAt(step, 'apply').filter(isMap)) this.#batch.push((turn) => this.#apply(manifest, turn));
    } else if (step['delete'] !== undefined) {
      for (const ref of textsAt(step, 'delete')) this.#batch.push((turn) => this.#delete(ref, turn));
    } else if (step['arm'] !== undefined) {
      this.#changeCloud(mapAt(step, 'arm'));
    } else if (step['fault'] !== undefined) {
      const fault = mapAt(step, 'fault');
      this.#batch.push(() => this.#faults.add(fault));
    } else if (step['clearFault'] !== undefined) {
      const id = textAt(step, 'clearFault');
      this.#batch.push(() => this.#faults.clear(id));
    } else if (step['start'] === 'mic') {
      this.#batch.push((turn) => spawnMic(turn, 'cold'));
    } else if (step['stop'] === 'mic') {
      this.#stopMic();
    } else return false;
    return true;
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#plane.act((turn) => {
      for (const one of batch) one(turn);
    });
  }

  play(): undefined {
    return undefined;
  }

  check(): boolean {
    return false;
  }

  /** By signal; together with other changes at once, so that no cycle sees them before the end. */
  #stopMic(): void {
    if (this.#batch.length > 0) this.#batch.push((turn) => turn.stop(MIC));
    else this.#plane.act((turn) => turn.send(MIC, { type: 'Signal', signal: 'SIGTERM' }));
  }

  /** The same manifest once more is no change, and gives no new version. */
  #apply(manifest: DataMap, turn: Turn): void {
    const object = objectOf(manifest, this.#plane.server.nextVersion());
    if (object === undefined) throw new NoSeam(`objects of kind ${textAt(manifest, 'kind')} are not kept here`);
    const { namespace, name } = object.metadata;
    const ref = namespace === '' ? `${object.kind}/${name}` : `${object.kind}/${namespace}/${name}`;
    const text = JSON.stringify(manifest);
    if (this.#applied.get(ref) === text) return;
    this.#applied.set(ref, text);
    putObject(object, turn);
  }

  #delete(ref: string, turn: Turn): void {
    this.#applied.delete(ref);
    const kind = ref.slice(0, ref.indexOf('/'));
    const key = ref.slice(ref.indexOf('/') + 1);
    if (kind === 'AzureAssignedIdentity') this.#plane.server.remove(key, turn);
    else if (isCaseKind(kind)) dropObject(kind, key, turn);
    else throw new NoSeam(`objects of kind ${kind} are not kept here`);
  }

  #changeCloud(step: DataMap): void {
    const op = textAt(step, 'op');
    const resource = mapAt(step, 'resource');
    const kind = textAt(resource, 'kind') === 'VirtualMachine' ? 'VirtualMachine' : 'VirtualMachineScaleSet';
    const target = { kind, name: textAt(resource, 'name') } as const;
    if (op === 'assign' || op === 'unassign') {
      const identities = [textAt(step, 'identity')];
      this.#batch.push(() => changeCloud(this.#withResource(target), { op, resource: target, identities }));
    } else if (op === 'enableSystemAssigned') {
      this.#batch.push(() => this.#enableSystemAssigned(target));
    } else if (op === 'readSystemAssigned') {
      const as = textAt(step, 'as');
      this.#batch.push(() => this.#readSystemAssigned(as, target));
    } else throw new NoSeam(`${op} of ARM is not known`);
  }

  /** The cloud, with a resource never seen before made up where the case says so. */
  #withResource(target: Resource): ControlPlane['cloud'] {
    const { cloud } = this.#plane;
    if (cloud.unknown === 'createEmpty' && cloud.find(target) === undefined)
      cloud.put({ ...target, type: '', ids: [], state: 'Succeeded' });
    return cloud;
  }

  #enableSystemAssigned(target: Resource): void {
    const cloud = this.#withResource(target);
    const old = cloud.find(target);
    if (old === undefined || old.type.startsWith('SystemAssigned')) return;
    cloud.put({ ...old, type: old.ids.length === 0 ? 'SystemAssigned' : 'SystemAssigned, UserAssigned' });
  }

  #readSystemAssigned(as: string, target: Resource): void {
    const { type = '' } = this.#plane.cloud.find(target) ?? {};
    const isThere = type.startsWith('SystemAssigned');
    const tenantId = textAt(mapAt(this.#given, 'aad'), 'tenantID') || 'tenant';
    const principalId = isThere ? uuidOf(`principal of ${target.kind}/${target.name.toLowerCase()}`) : '';
    this.#records.principals.set(as, { principalId, tenantId: isThere ? tenantId : '' });
  }
}
