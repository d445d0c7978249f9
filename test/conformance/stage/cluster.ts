/**
 * The whole cluster of a case: the simulator's own assembly of every actor, and a hand in the place of the scripted human. What happens in
 * it happens through messages: kubectl, az, curl.
 */
import type { mic } from '../../../src/actors/mic/index.ts';
import type { FaultRule } from '../../../src/kernel/network.ts';
import { after, ORIGIN, seconds } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { ComputeResource } from '../../../src/model/azure.ts';
import type { KubernetesEvent, KubernetesKind, Pod } from '../../../src/model/kubernetes.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { Message, MessageOf } from '../../../src/model/messages/index.ts';
import type { WorkloadRow } from '../../../src/model/workload.ts';
import { TABLE_OF_KIND } from '../../../src/model/tables.ts';
import type { NodeRules } from '../../../src/model/node-rules.ts';
import { ComponentMetrics } from '../../../src/report/component-metrics/index.ts';
import { assemble } from '../../../src/scenarios/assemble/index.ts';
import type { World } from '../../../src/scenarios/assemble/index.ts';
import { NoSeam } from '../case.ts';
import type { ConformanceCase } from '../case.ts';
import { ArmFaults } from './arm-faults.ts';
import type { ArmFault } from './arm-faults.ts';
import { questionOf } from './cloud.ts';
import type { CloudCall, CloudResource, Resource } from './cloud.ts';
import { fillDirectory, fillPermissions } from './cluster-cloud.ts';
import { scenarioOf } from './cluster-scenario.ts';
import { byText } from './control-plane.ts';
import { Hand } from './hand.ts';
import type { HandAnswer } from './hand.ts';
import type { SeenEvent, SeenObject, WorldView } from './world-view.ts';

const LEASE = 'default/aad-pod-identity-mic';

/** What somebody asks of the metadata address, and from where. */
type MetadataQuestion = Pick<MessageOf<'MetadataRequest'>, 'call' | 'sourceIP' | 'sender' | 'network'>;

/** A cluster that runs. */
export class Cluster implements WorldView {
  readonly armCalls: CloudCall[] = [];
  /** What MIC and NMI export. */
  readonly metrics = new ComponentMetrics();
  readonly #world: World;
  readonly #hand = new Hand();
  /** Operation of each poll under way, and the place of the call that began it. */
  readonly #polls = new Map<string, string>();
  readonly #places = new Map<string, number>();
  readonly #armFaults = new ArmFaults();
  readonly #armQuestions = new Map<string, Omit<CloudCall, 'status' | 'asyncFailed'>>();

  constructor({ id, given }: ConformanceCase) {
    const scenario = scenarioOf(id, given);
    const resolution = resolve({ ...scenario.overrides, 'informer.listOrder': 'given' });
    if (!resolution.ok) throw new NoSeam(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('; '));
    this.#world = assemble(scenario, resolution.calibration, { mode: 'fast', replace: [this.#hand.actor, this.#armFaults.actor] });
    fillDirectory(this.#world, given);
    fillPermissions(this.#world, given);
    this.#world.retainTrace(() => this.#world.now);
    this.#world.observe({ onFact: (stamped) => this.metrics.onFact(stamped) });
    // Whoever has long been running is brought to life.
    this.#world.run({ at: ORIGIN });
    this.#world.observe({ onDelivery: ({ actor, from, message }) => this.#watchArm({ to: actor, from, message }) });
  }

  get now(): number {
    return this.#world.now / 1e6;
  }

  get isMicAlive(): boolean {
    return this.leader !== undefined;
  }

  get isQuiet(): boolean {
    const state = this.leader === undefined ? undefined : this.#world.stateOf(`mic/${this.leader}`);
    if (state === undefined) return false;
    const { role, loop } = state as ReturnType<(typeof mic)['initial']>;
    return role === 'leading' && loop.phase === 'idle' && loop.queued === 0 && loop.syncTick === 'none' && loop.reconcileTick === 'none';
  }

  get events(): readonly SeenEvent[] {
    return [...this.#world.table('events').all()].map(({ type, reason, regarding, message }: KubernetesEvent) => ({
      type,
      reason,
      regarding,
      message,
    }));
  }

  /** Names of all nodes. */
  get nodes(): readonly string[] {
    return this.#world
      .table('nodes')
      .all()
      .map(({ metadata }) => metadata.name)
      .sort(byText);
  }

  /** All pods. */
  get pods(): readonly Pod[] {
    return [...this.#world.table('pods').all()];
  }

  /** Key of the pod that holds MIC's lock and runs. */
  get leader(): string | undefined {
    const holder = this.#world.table('leases').get(LEASE)?.spec.holder ?? '';
    const key = holder === '' || holder.includes('/') ? holder : `default/${holder}`;
    return this.#world.actors.includes(`mic/${key}`) ? key : undefined;
  }

  pass(time: number): void {
    this.#world.run({ at: after(this.#world.now, seconds(time)) });
  }

  passToNext(within: number): boolean {
    const limit = after(this.#world.now, seconds(within));
    if (this.#world.nextAt > limit) {
      this.#world.run({ at: limit });
      return false;
    }
    this.#world.run({ at: this.#world.nextAt as Moment });
    return true;
  }

  objectsOf(kind: string): readonly SeenObject[] {
    if (!isKind(kind)) throw new NoSeam(`objects of kind ${kind} are not kept here`);
    const rows: readonly SeenObject[] = [...this.#world.table(TABLE_OF_KIND[kind]).all()] as never;
    return [...rows].sort((a, b) => byText(a.metadata.namespace, b.metadata.namespace) || byText(a.metadata.name, b.metadata.name));
  }

  resource(resource: Resource): Pick<CloudResource, 'type' | 'ids'> | undefined {
    const row = this.compute(resource);
    return row === undefined ? undefined : { type: row.identityType, ids: row.userAssigned };
  }

  /** A VM or scale set with all ARM has of it. */
  compute({ kind, name }: Resource): ComputeResource | undefined {
    const index = `${kind === 'VirtualMachine' ? 'vm' : 'vmss'}/${name.toLowerCase()}`;
    return this.#world.table('computeResources').by('name', index)[0];
  }

  /** A pod by `namespace/name`. */
  pod(key: string): Pod | undefined {
    return this.#world.table('pods').get(key);
  }

  /** Keys of the pods of a component of pod identity. */
  podsOf(component: 'mic' | 'nmi'): readonly string[] {
    return this.#world
      .table('pods')
      .all()
      .filter(({ spec }) => spec.containers.some(({ image }) => image.includes(`/${component}:`)))
      .map(keyOf)
      .sort(byText);
  }

  /** What a node's nat table holds. */
  rulesOf(node: string): NodeRules | undefined {
    return this.#world.table('nodeRules').get(node);
  }

  /** Sends a message made for a new request; answers the name of the request. */
  ask(to: string, messageOf: (request: string, replyTo: string) => Message, ifAbsent?: (request: string) => HandAnswer): string {
    const request = this.#hand.newRequest();
    this.#hand.act(this.#world, (turn) => {
      turn.send(to, messageOf(request, turn.self), ifAbsent === undefined ? {} : { ifAbsent: ifAbsent(request) });
    });
    return request;
  }

  /** Asks the health page of a pod of MIC or NMI. */
  askProbe(component: 'mic' | 'nmi', pod: string): string {
    const process = component === 'mic' ? `mic/${pod}` : `nmi/${this.pod(pod)?.spec.nodeName ?? ''}`;
    return this.ask(
      process,
      (request) => ({ type: 'Probe', request }),
      (request) => ({ type: 'ProbeAnswer', request, status: 0, body: '' }),
    );
  }

  /** Asks the metadata address, or NMI's port. */
  askMetadata(to: string, question: MetadataQuestion): string {
    return this.ask(
      to,
      (request, replyTo) => ({ type: 'MetadataRequest', request, replyTo, connection: request, ...question }),
      (request) => ({ type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' }),
    );
  }

  /** Calls ARM as `az` does. */
  askArm(call: MessageOf<'ArmRequest'>['call']): string {
    return this.ask('arm', (request) => ({ type: 'ArmRequest', request, call }));
  }

  /** Lets the network follow a rule from now on. */
  inject(rule: FaultRule<Message> | ArmFault): void {
    if ('message' in rule) {
      this.#armFaults.add(rule);
      return;
    }
    this.#hand.act(this.#world, (turn) => {
      turn.inject(rule);
    });
  }

  /** Ends a rule. */
  restore(id: string): void {
    this.#armFaults.clear(id);
    this.#hand.act(this.#world, (turn) => {
      turn.restore(id);
    });
  }

  /** Says what containers run. */
  addPrograms(rows: readonly WorkloadRow[]): void {
    if (rows.length === 0) return;
    this.#hand.act(this.#world, (turn) => {
      for (const row of rows) turn.table('workloads').put(row.name, row);
    });
  }

  /** Sends several messages at one moment. */
  askTogether(to: string, messages: readonly ((request: string) => Message)[]): readonly string[] {
    const requests = messages.map(() => this.#hand.newRequest());
    this.#hand.act(this.#world, (turn) => {
      for (const [index, messageOf] of messages.entries()) turn.send(to, messageOf(requests[index] ?? ''));
    });
    return requests;
  }

  /** The answer to a request, once it is there. */
  answerTo(request: string): HandAnswer | undefined {
    return this.#hand.answerTo(request);
  }

  /** MIC's requests to ARM as they arrive, and their answers. */
  #watchArm({ to, from, message }: { readonly to: string; readonly from: string; readonly message: Message }): void {
    if (message.type === 'ArmRequest' && to === 'arm' && from.startsWith('mic/')) this.#noteArmRequest(message);
    else if (message.type === 'ArmResponse' && to.startsWith('mic/')) this.#noteArmResponse(message);
  }

  #noteArmRequest({ request, call }: MessageOf<'ArmRequest'>): void {
    if (call.op === 'pollOperation') this.#polls.set(request, call.operation);
    if (call.op === 'get' || call.op === 'patchIdentity') this.#armQuestions.set(request, questionOf(call));
  }

  #noteArmResponse({ request, status, operation, operationStatus }: MessageOf<'ArmResponse'>): void {
    const place = this.#places.get(this.#polls.get(request) ?? '');
    const accepted = place === undefined ? undefined : this.armCalls[place];
    this.#polls.delete(request);
    if (place !== undefined && accepted !== undefined && operationStatus === 'Failed')
      this.armCalls[place] = { ...accepted, asyncFailed: true };
    const question = this.#armQuestions.get(request);
    this.#armQuestions.delete(request);
    if (question === undefined) return;
    if (operation !== undefined) this.#places.set(operation, this.armCalls.length);
    this.armCalls.push({ ...question, status, asyncFailed: false });
  }
}

function isKind(kind: string): kind is KubernetesKind {
  return Object.hasOwn(TABLE_OF_KIND, kind);
}
