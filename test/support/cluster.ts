/** A small cluster for tests of its machinery: the four real components, a client that says what the test scripts, stand-ins for the rest. */
import type { AnyActorDefinition } from '../../src/kernel/actor.ts';
import { Simulation } from '../../src/kernel/simulation.ts';
import { ORIGIN, seconds } from '../../src/kernel/time.ts';
import type { FaultRule } from '../../src/kernel/network.ts';
import type { Moment } from '../../src/kernel/time.ts';
import type { RunOptions } from '../../src/kernel/world.ts';
import { controllerManager } from '../../src/actors/controller-manager/index.ts';
import { kubeApiserver } from '../../src/actors/kube-apiserver/index.ts';
import { kubelet } from '../../src/actors/kubelet/index.ts';
import { reboot } from '../../src/actors/reboot.ts';
import { scheduler } from '../../src/actors/scheduler.ts';
import { resolve } from '../../src/model/calibration/index.ts';
import type { Overrides } from '../../src/model/calibration/resolve.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { Message, MessageOf } from '../../src/model/messages/index.ts';
import type { ApiCall } from '../../src/model/messages/kubernetes.ts';
import type { Container, KubernetesObject, Pod, PodSpec, PodTemplate } from '../../src/model/kubernetes.ts';
import type { ObjectMeta } from '../../src/model/object-meta.ts';
import { nodeObject } from '../../src/model/node-object.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { identityWorld } from '../../src/model/world.ts';

/** One thing the scripted client says, so many seconds after the start. */
export interface Said {
  readonly at: number;
  readonly to?: string;
  readonly message?: Message;
  readonly call?: ApiCall;
  /** Harm to the n-th pod there is then: its container killed, or the pod deleted. */
  readonly harm?: { readonly pod: number; readonly how: 'kill' | 'delete' };
  /** A fault rule to lay over the network. */
  readonly rule?: FaultRule<Message>;
}

/** What a run left behind. */
export interface ClusterRun {
  readonly sim: Simulation<Identity>;
  readonly facts: { readonly at: Moment; readonly fact: Fact }[];
  /** Statuses answered to the scripted client, by position in the script. */
  readonly statuses: Record<string, number>;
  /** When each list was answered, and how many objects it held. */
  readonly listed: { readonly at: Moment; readonly objects: number }[];
}

/** Settings of a run. */
export interface ClusterOptions extends Partial<RunOptions> {
  readonly script?: readonly Said[];
  readonly nodes?: readonly string[];
  /** Settled: the nodes are there and Ready. Cold: their kubelets register them. */
  readonly start?: 'settled' | 'cold';
  readonly objects?: readonly KubernetesObject[];
  /** Nodes with a kubelet whose VM is not written down. */
  readonly kubelets?: readonly string[];
  readonly maxPods?: number;
  /** Who calls by the script; `operator`, the default, has the credentials of the cluster's admin. */
  readonly caller?: string;
  readonly overrides?: Overrides;
  /** Actors beside the usual ones; whoever lives from the start is added by `fill`. */
  readonly more?: readonly AnyActorDefinition<Identity>[];
  readonly fill?: (sim: Simulation<Identity>) => void;
}

/** A process that ends on SIGTERM after a while, or never, and answers probes. */
function standIn(
  kind: string,
): ReturnType<
  typeof defineActor<{ node: string; pod: string }, MessageOf<'MicStarted' | 'NmiStarted' | 'WorkloadStarted' | 'Signal' | 'Probe'>>
> {
  return defineActor<{ node: string; pod: string }, MessageOf<'MicStarted' | 'NmiStarted' | 'WorkloadStarted' | 'Signal' | 'Probe'>>({
    kind,
    initial: () => ({ node: '', pod: '' }),
    handlers: {
      MicStarted: (state, { node, pod }) => void Object.assign(state, { node, pod }),
      NmiStarted: (state, { node, pod }) => void Object.assign(state, { node, pod }),
      WorkloadStarted: (state, { place }, turn) => {
        Object.assign(state, { node: place.node, pod: place.pod });
        if (place.until === undefined) return;
        // The program of an init container: fails in the first 20 s of the world, then does well; one second each.
        const end = turn.now < seconds(20) ? ({ code: 1, reason: 'Error' } as const) : ({ code: 0, reason: 'Completed' } as const);
        turn.send(`kubelet/${place.node}`, { type: 'ProcessExited', pod: place.pod, ...end }, { after: seconds(1), label: 'other' });
      },
      Signal: (state, _message, turn) => {
        if (kind === 'pod') return;
        turn.send(
          `kubelet/${state.node}`,
          { type: 'ProcessExited', pod: state.pod, code: 0, reason: 'SIGTERM' },
          { after: seconds(10), label: 'other' },
        );
      },
      Probe: (_state, { request }, turn) => turn.reply({ type: 'ProbeAnswer', request, status: 200, body: 'Active' }),
    },
  });
}

/** Builds the cluster and runs it to the horizon (default one hour). */
export function runCluster(options: ClusterOptions): ClusterRun {
  const {
    script = [],
    nodes = [],
    kubelets = [],
    start = 'settled',
    objects = [],
    maxPods = 30,
    caller = 'operator',
    overrides = {},
    more = [],
    fill,
    ...rest
  } = options;
  const statuses: Record<string, number> = {};
  const listed: ClusterRun['listed'] = [];
  const client = defineActor<{ said: number }, MessageOf<'Start' | 'StoryDue' | 'ApiResponse'>>({
    kind: 'operator',
    initial: () => ({ said: 0 }),
    handlers: {
      Start: (_state, _message, turn) => {
        script.forEach(({ at }, n) =>
          turn.setTimer(`say-${String(n)}`, seconds(at), { type: 'StoryDue', step: String(n) }, { label: 'other' }),
        );
      },
      StoryDue: (_state, { step }, turn) => {
        const said = script[Number(step)];
        if (said?.call !== undefined) turn.send('kube-apiserver', { type: 'ApiRequest', request: `r${step}`, call: said.call });
        if (said?.rule !== undefined) turn.inject(said.rule);
        const victim = turn.table('pods').all()[said?.harm?.pod ?? -1];
        const key = `${victim?.metadata.namespace ?? ''}/${victim?.metadata.name ?? ''}`;
        if (said?.harm?.how === 'kill')
          turn.send(`kubelet/${victim?.spec.nodeName ?? ''}`, { type: 'KillContainer', pod: key, signal: 'SIGKILL' });
        if (said?.harm?.how === 'delete')
          turn.send('kube-apiserver', { type: 'ApiRequest', request: `r${step}`, call: { verb: 'delete', kind: 'Pod', key } });
        if (said?.message !== undefined) turn.send(said.to ?? '', said.message);
      },
      ApiResponse: (_state, { request, status, objects: found }, turn) => {
        statuses[request.slice(1)] = status;
        if (found !== undefined) listed.push({ at: turn.now, objects: found.length });
      },
    },
  });
  const resolution = resolve(overrides);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const actors = [
    kubeApiserver,
    scheduler,
    controllerManager,
    kubelet,
    reboot,
    client,
    standIn('mic'),
    standIn('nmi'),
    standIn('pod'),
    ...more,
  ];
  const sim = new Simulation<Identity>(identityWorld(actors, resolution.calibration), {
    seed: 'cluster',
    horizon: seconds(3600) as unknown as Moment,
    ...rest,
  });
  const facts: ClusterRun['facts'] = [];
  sim.observe({ onFact: ({ at, fact }) => void facts.push({ at, fact }) });
  for (const object of objects) fillObject(sim, object);
  for (const name of nodes) {
    sim.fill('virtualMachines', name, { name, resource: 'pool', resourceKind: 'vmss', node: name });
    if (start === 'settled') fillObject(sim, nodeObject({ name, pool: 'pool', providerID: `azure:///${name}`, maxPods, isReady: true }));
  }
  sim.fill('nodePools', 'pool', { pool: 'pool', maxPods, images: ['registry/baked:1'], taints: [], startupTaints: [] });
  fill?.(sim);
  for (const id of ['kube-apiserver', 'scheduler', 'controller-manager']) sim.add({ id, kind: id }, { type: 'Start' });
  sim.add({ id: caller, kind: 'operator' }, { type: 'Start' });
  for (const node of [...nodes, ...kubelets])
    sim.add(
      { id: `kubelet/${node}`, kind: 'kubelet' },
      { type: 'NodeBooted', node, vm: node, pool: 'pool', providerID: `azure:///${node}`, start },
    );
  sim.run();
  return { sim, facts, statuses, listed };
}

const TABLES_OF = {
  Pod: 'pods',
  Node: 'nodes',
  Deployment: 'deployments',
  StatefulSet: 'statefulSets',
  DaemonSet: 'daemonSets',
  Job: 'jobs',
  Namespace: 'namespaces',
  SecretProviderClass: 'secretProviderClasses',
} as const;

function fillObject(sim: Simulation<Identity>, object: KubernetesObject): void {
  const { namespace, name } = object.metadata;
  const table = TABLES_OF[object.kind as keyof typeof TABLES_OF];
  sim.fill(table, namespace === '' ? name : `${namespace}/${name}`, object as never);
}

/** Metadata of a new object. */
export function meta(name: string, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace: 'default',
    uid: '',
    resourceVersion: '',
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
    ...more,
  };
}

/** A pod spec of one container. */
export function podSpec(image = 'registry/app:1', more: Partial<PodSpec> = {}): PodSpec {
  const container: Container = { name: 'main', image, args: [], env: {} };
  return {
    containers: [container],
    nodeSelector: {},
    hostNetwork: false,
    serviceAccountName: 'default',
    terminationGracePeriod: seconds(30),
    restartPolicy: 'Always',
    toleratesAll: false,
    ...more,
  };
}

/** A pod by hand. */
export function pod(name: string, spec: Partial<PodSpec> = {}, more: Partial<ObjectMeta> = {}): Pod {
  return {
    kind: 'Pod',
    metadata: meta(name, more),
    spec: podSpec(undefined, spec),
    status: { phase: 'Pending', podIP: '', ready: false, restarts: 0 },
  };
}

/** A pod template of one container. */
export function template(image?: string, more: Partial<PodSpec> = {}): PodTemplate {
  return { labels: { app: 'x' }, annotations: {}, spec: podSpec(image, more) };
}

/** A Deployment. */
export function deployment(name: string, replicas: number, image?: string): KubernetesObject {
  return { kind: 'Deployment', metadata: meta(name), spec: { replicas, template: template(image), maxUnavailable: 0, maxSurge: 1 } };
}

/** Creation of an object. */
export function create(at: number, object: KubernetesObject): Said {
  return { at, call: { verb: 'create', object } };
}

/** The pods of a run, by key order. */
export function podsIn(run: ClusterRun): readonly Pod[] {
  return [...run.sim.table('pods').all()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Moment of a number of seconds. */
export function at(s: number): Moment {
  return (ORIGIN + seconds(s)) as Moment;
}
