/** Cases of the whole cluster: kubectl, az, curl and the validator, in a world where every component is the simulator's own. */
import { FileWatch } from './functions/file-functions.ts';
import { mismatch, NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import type { CaseRecords, CaseStage } from './case-stage.ts';
import { checkCluster, replicasOf } from './cluster-assertions.ts';
import { apiCalls, clusterFault, uninstallCalls } from './cluster-calls.ts';
import { initPrograms } from './init-programs.ts';
import { handlerOf, hostOf, httpAnswerOf, metadataCallOf } from './http.ts';
import type { HttpAnswer, HttpOutcome } from './http.ts';
import { Cluster } from './stage/cluster.ts';
import type { CloudCall, Resource } from './stage/cloud.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import type { SeenEvent, SeenObject } from './stage/world-view.ts';
import type { Steps, Timeline, Wait } from './timeline.ts';
import { validate } from './validation.ts';

/** Longest a call of kubectl, az or curl may take [s]. */
const PATIENCE = 1800;
/** Wait of `az` before a refused call is tried again [s]. */
const AZ_PAUSE = 5;

/** The whole cluster as a stage. */
export class ClusterStage implements CaseStage {
  readonly looks = 'by the clock';
  readonly functions: CaseStage['functions'];
  readonly #given: DataMap;
  readonly #records: CaseRecords;
  readonly #cluster: Cluster;
  #batch: (() => ReturnType<typeof apiCalls>)[] = [];

  constructor(one: ConformanceCase, records: CaseRecords) {
    this.#given = one.given;
    this.#records = records;
    this.#cluster = new Cluster(one);
    this.functions = { given: one.given, metrics: this.#cluster.metrics, files: new FileWatch() };
  }

  get now(): number {
    return this.#cluster.now;
  }

  get isMicAlive(): boolean {
    return this.#cluster.isMicAlive;
  }

  get isQuiet(): boolean {
    return this.#cluster.isQuiet;
  }

  get armCalls(): readonly CloudCall[] {
    return this.#cluster.armCalls;
  }

  get events(): readonly SeenEvent[] {
    return this.#cluster.events;
  }

  pass(time: number): void {
    this.#cluster.pass(time);
  }

  passToNext(within: number): boolean {
    return this.#cluster.passToNext(within);
  }

  objectsOf(kind: string): readonly SeenObject[] {
    return this.#cluster.objectsOf(kind);
  }

  resource(resource: Resource): ReturnType<CaseStage['resource']> {
    return this.#cluster.resource(resource);
  }

  gather(step: DataMap): boolean {
    if ((step['apply'] !== undefined && step['as'] === undefined) || step['delete'] !== undefined)
      this.#batch.push(() => this.#changes(step));
    else if (step['kill'] !== undefined) this.#batch.push(() => this.#deletions(mapAt(step, 'kill')));
    else if (step['uninstall'] !== undefined) this.#batch.push(() => uninstallCalls(this.#cluster));
    else if (step['fault'] !== undefined) this.#cluster.inject(clusterFault(mapAt(step, 'fault')));
    else if (step['clearFault'] !== undefined) this.#cluster.restore(textAt(step, 'clearFault'));
    // The chart was installed long before the case began.
    else return step['start'] === 'mic';
    return true;
  }

  flush(): void {
    const calls = this.#batch.flatMap((make) => make());
    this.#batch = [];
    if (calls.length === 0) return;
    const messages = calls.map((call) => (request: string) => ({ type: 'ApiRequest', request, call }) as const);
    this.#cluster.askTogether('kube-apiserver', messages);
  }

  play(step: DataMap, timeline: Timeline): Steps | undefined {
    if (step['apply'] !== undefined) return this.#applyAndLook(step);
    if (step['arm'] !== undefined) return this.#arm(mapAt(step, 'arm'));
    if (step['request'] !== undefined) return this.#request(mapAt(step, 'request'));
    if (step['validate'] !== undefined) return this.#validate(mapAt(step, 'validate'), timeline);
    return undefined;
  }

  check(item: DataMap): boolean {
    return checkCluster(item, this.#cluster);
  }

  /** What kubectl sends; what init containers do is said beside it. */
  #changes(step: DataMap): ReturnType<typeof apiCalls> {
    this.#cluster.addPrograms(initPrograms(step));
    return apiCalls(step);
  }

  /** Deletes the pods of a component; whatever owns them makes new ones. */
  #deletions({ component = '', replica = '', node = '' }: DataMap): ReturnType<typeof apiCalls> {
    const pods = replicasOf(this.#cluster, { component, replica, node });
    if (pods.length === 0) mismatch(`pods of ${JSON.stringify(component)}`, 'at least one', 'none');
    return pods.map((key) => ({ verb: 'delete', kind: 'Pod', key }));
  }

  /** kubectl apply whose outcome is remembered: accepted means every object was. */
  *#applyAndLook(step: DataMap): Steps {
    const messages = this.#changes(step).map((call) => (request: string) => ({ type: 'ApiRequest', request, call }) as const);
    const requests = this.#cluster.askTogether('kube-apiserver', messages);
    for (const request of requests) yield* this.#untilAnswered(request);
    const statuses = requests
      .map((request) => this.#cluster.answerTo(request))
      .map((answer) => (answer && 'status' in answer ? answer.status : 0));
    this.#records.admissions.set(
      textAt(step, 'as'),
      statuses.every((status) => status >= 200 && status < 300),
    );
  }

  *#untilAnswered(request: string): Generator<Wait, void, undefined> {
    yield { deadline: this.now + PATIENCE, isOver: () => this.#cluster.answerTo(request) !== undefined };
    if (this.#cluster.answerTo(request) === undefined) mismatch(`answer within ${String(PATIENCE)} s`, 'an answer', 'none');
  }

  /** `az`: waits for the operation to end, and tries a refused call again. */
  *#arm(step: DataMap): Steps {
    const op = textAt(step, 'op');
    const spelled = mapAt(step, 'resource');
    const kind = textAt(spelled, 'kind') === 'VirtualMachine' ? 'VirtualMachine' : 'VirtualMachineScaleSet';
    const target: Resource = { kind, name: textAt(spelled, 'name') };
    if (op === 'readSystemAssigned') {
      const { principalId = '' } = this.#cluster.compute(target)?.systemAssigned ?? {};
      const tenantId = principalId === '' ? '' : textAt(mapAt(this.#given, 'aad'), 'tenantID') || 'tenant';
      this.#records.principals.set(textAt(step, 'as'), { principalId, tenantId });
      return;
    }
    const resource = { kind: kind === 'VirtualMachine' ? ('vm' as const) : ('vmss' as const), name: target.name };
    const identity = textAt(step, 'identity');
    if (op === 'assign') yield* this.#az({ op: 'assignIdentity', resource, identity }, step, target);
    else if (op === 'unassign') yield* this.#az({ op: 'unassignIdentity', resource, identity }, step, target);
    else if (op === 'enableSystemAssigned') yield* this.#az({ op: 'setSystemAssigned', resource, state: 'enabled' }, step, target);
    else throw new NoSeam(`${op} of ARM is not known`);
  }

  *#az(call: Parameters<Cluster['askArm']>[0], step: DataMap, target: Resource): Steps {
    for (;;) {
      const request = this.#cluster.askArm(call);
      yield* this.#untilAnswered(request);
      const answer = this.#cluster.answerTo(request);
      if (answer?.type !== 'ArmResponse') throw new Error('ARM answers with nothing else');
      const { status, error } = answer;
      if (status === 409 || status === 429 || status >= 500) {
        yield { deadline: this.now + AZ_PAUSE };
        continue;
      }
      if (status >= 400 && step['ignoreErrors'] !== true)
        mismatch(`status of ${call.op}`, 200, `${String(status)} ${error?.message ?? ''}`);
      const isBusy = (): boolean => ['Updating', 'Creating'].includes(this.#cluster.compute(target)?.provisioningState ?? '');
      yield { deadline: this.now + PATIENCE, isOver: () => !isBusy() };
      return;
    }
  }

  *#request(request: DataMap): Steps {
    const to = textAt(request, 'to');
    if (to !== 'mic' && to !== 'nmi') throw new NoSeam(`${to} has no port for requests of a case`);
    const probePort = Number(mapAt(mapAt(this.#given, 'flags'), to)['http-probe-port'] ?? (to === 'mic' ? 8080 : 8085));
    const isProbe = request['port'] === probePort || textAt(request, 'path') === '/healthz';
    if (to === 'mic' && !isProbe) throw new NoSeam('MIC has no port but that of its health page');
    const pods = replicasOf(this.#cluster, { component: to, replica: request['replica'] ?? '', node: request['node'] ?? '' });
    const sent = pods.map((pod) => (isProbe ? this.#cluster.askProbe(to, pod) : this.#sendToNmi(request, pod)));
    for (const one of sent) yield* this.#untilAnswered(one);
    const route = isProbe ? undefined : handlerOf(metadataCallOf(request), this.#given);
    const answers = sent.map((one) => answerOf(this.#cluster.answerTo(one), route));
    const outcome: HttpOutcome = { ...(route === undefined ? {} : { route }), answers };
    this.#records.http.set(textAt(request, 'as'), outcome);
  }

  /** From the host network of the node to NMI's port, or from where the request says it comes. */
  #sendToNmi(request: DataMap, pod: string): string {
    const node = this.#cluster.pod(pod)?.spec.nodeName ?? '';
    const from = mapAt(request, 'from');
    const sender = textAt(from, 'pod').replace(/^Pod\//u, '');
    const asker = this.#cluster.pod(sender);
    const { remoteAddr } = request;
    const address = typeof remoteAddr === 'string' ? hostOf(remoteAddr) : '127.0.0.1';
    const sourceIP = asker?.status.podIP ?? address;
    const network = asker === undefined || asker.spec.hostNetwork ? 'host' : 'pod';
    const gateway = network === 'pod' ? `iptables/${asker?.spec.nodeName ?? ''}` : `nmi/${node}`;
    return this.#cluster.askMetadata(gateway, { call: metadataCallOf(request), sourceIP, sender, network });
  }

  *#validate(step: DataMap, timeline: Timeline): Steps {
    const vault = textAt(mapAt(this.#given, 'keyVault'), 'name');
    const reason = yield* validate(this.#cluster, step, { vault, timeline });
    this.#records.validations.set(textAt(step, 'as'), { reason });
  }
}

function answerOf(answer: ReturnType<Cluster['answerTo']>, route: HttpOutcome['route']): HttpAnswer {
  if (answer?.type === 'ProbeAnswer') return { status: answer.status, text: answer.body, headers: {} };
  if (answer?.type === 'MetadataResponse') return httpAnswerOf(answer, route);
  throw new Error('nothing else answers a request');
}
