/**
 * One node with its NMI: the real NMI, the real API server, directory and netfilter, and in the place of IMDS somebody who writes down what
 * NMI asks for. Nothing takes time but NMI's own waits.
 */
import type { AnyActorDefinition } from '../../../src/kernel/actor.ts';
import { Simulation } from '../../../src/kernel/simulation.ts';
import { after, ORIGIN, seconds } from '../../../src/kernel/time.ts';
import type { Moment } from '../../../src/kernel/time.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { Overrides } from '../../../src/model/calibration/resolve.ts';
import type { Fact } from '../../../src/model/facts/index.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { AzureIdentity } from '../../../src/model/kubernetes.ts';
import type { ApiCall } from '../../../src/model/messages/kubernetes.ts';
import type { MetadataCall } from '../../../src/model/messages/token.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { SETTINGS_KEY } from '../../../src/model/settings.ts';
import { TABLE_OF_KIND } from '../../../src/model/tables.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { Identity } from '../../../src/model/vocabulary.ts';
import { identityWorld } from '../../../src/model/world.ts';
import { ComponentMetrics } from '../../../src/report/component-metrics/index.ts';
import { ACTORS } from '../../../src/scenarios/assemble/actors.ts';
import { FLAGS } from '../../../src/scenarios/manifests/flags.ts';
import { NoSeam } from '../case.ts';
import type { Steps, Wait } from '../timeline.ts';
import { fillDirectory } from './cluster-cloud.ts';
import { byText, dropObject, isCaseKind, putObject, STANDARD } from './control-plane.ts';
import { Hand } from './hand.ts';
import type { HandAnswer } from './hand.ts';
import { isMap, listAt, mapAt, objectOf, textAt } from './objects.ts';
import type { CaseObject, DataMap } from './objects.ts';
import type { SeenObject, WorldView } from './world-view.ts';

/** Id of the one node, and of its VM. */
const NODE = 'node';
/** Longer than NMI takes for anything [s]. */
const PATIENCE = 900;

const INSTANT: Overrides = {
  'link.node': '0s',
  'watch.latency': '0s',
  'nmi.overhead': '0s',
  'api.get.latency': '0s',
  'api.mutate.latency': '0s',
  'entra.token.latency': '0s',
  'entra.token.errorProb': 0,
  'informer.listOrder': 'given',
};

/** How the one in the place of IMDS behaves: it gives tokens, refuses all of them, or cannot be reached. */
export type ImdsConduct = 'gives' | 'refuses' | 'absent';

/** What NMI answered, and what it stated about it. */
export interface NmiAnswer {
  readonly response: MessageOf<'MetadataResponse'>;
  readonly stated: Extract<Fact, { readonly type: 'nmi-answered' }> | undefined;
  /** Pod NMI took the sender for; undefined where it found none. */
  readonly pod: string | undefined;
}

/** A question to NMI's port. */
export interface NmiQuestion {
  readonly call: MetadataCall;
  readonly sourceIP: string;
}

/** The world of one node. */
export class NodeWorld implements WorldView {
  readonly armCalls = [];
  readonly events = [];
  readonly isMicAlive = false;
  readonly isQuiet = true;
  /** What NMI asked the metadata service for, in order. */
  readonly asked: MetadataCall[] = [];
  /** What MIC and NMI export. */
  readonly metrics = new ComponentMetrics();
  readonly #sim: Simulation<Identity>;
  readonly #hand = new Hand();
  readonly #facts: Fact[] = [];
  #versions = 0;

  constructor(given: DataMap, imds: ImdsConduct) {
    const flags = mapAt(mapAt(given, 'flags'), 'nmi');
    const resolution = resolve({ ...INSTANT, ...overridesOf(flags) });
    if (!resolution.ok) throw new NoSeam(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('; '));
    const own: readonly AnyActorDefinition<Identity>[] = [this.#hand.actor, this.#imds(imds)];
    const actors = ACTORS.map((actor) => own.find((other) => other.kind === actor.kind) ?? actor);
    this.#sim = new Simulation<Identity>(identityWorld(actors, resolution.calibration), { seed: 'node', mode: 'fast' });
    this.#sim.observe({ onFact: ({ fact }) => void this.#facts.push(fact) });
    this.#sim.observe({ onFact: (stamped) => this.metrics.onFact(stamped) });
    const mode = textAt(flags, 'operation-mode') === 'managed' ? 'managed' : 'standard';
    this.#sim.fill('settings', SETTINGS_KEY, { ...STANDARD, mode });
    fillDirectory(this.#sim, given);
    for (const manifest of listAt(given, 'objects').filter(isMap)) {
      const object = this.#objectOf(manifest);
      this.#sim.fill(TABLE_OF_KIND[object.kind], keyOf(object), object);
    }
    for (const kind of ['aad', 'kube-apiserver', 'operator']) this.#sim.add({ id: kind, kind }, { type: 'Start' });
    if (imds !== 'absent') {
      this.#sim.add({ id: `imds/${NODE}`, kind: 'imds' }, { type: 'ComputeCreated', resource: NODE, instances: 1, start: 'settled' });
    }
    this.#sim.add({ id: `iptables/${NODE}`, kind: 'iptables' }, { type: 'Start' });
    this.#sim.add({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'default/nmi', node: NODE, start: 'settled' });
    this.#sim.run({ at: ORIGIN });
  }

  get now(): number {
    return this.#sim.now / 1e6;
  }

  pass(time: number): void {
    this.#sim.run({ at: after(this.#sim.now, seconds(time)) });
  }

  passToNext(within: number): boolean {
    const limit = after(this.#sim.now, seconds(within));
    const isNext = this.#sim.nextAt <= limit;
    this.#sim.run({ at: isNext ? (this.#sim.nextAt as Moment) : limit });
    return isNext;
  }

  objectsOf(kind: string): readonly SeenObject[] {
    if (!isCaseKind(kind)) throw new NoSeam(`objects of kind ${kind} are not kept here`);
    const rows: readonly SeenObject[] = [...this.#sim.table(TABLE_OF_KIND[kind]).all()] as never;
    return [...rows].sort((a, b) => byText(a.metadata.namespace, b.metadata.namespace) || byText(a.metadata.name, b.metadata.name));
  }

  resource(): undefined {
    return undefined;
  }

  /** AzureIdentities that are there, and the copies inside AzureAssignedIdentities. */
  identities(): readonly AzureIdentity[] {
    const copies = this.#sim
      .table('azureAssignedIdentities')
      .all()
      .map(({ spec }) => spec.azureIdentityRef);
    return [...this.#sim.table('azureIdentities').all(), ...copies];
  }

  /** Writes objects as their authors would, and takes others away, at one moment. */
  change(applied: readonly DataMap[], deleted: readonly string[]): void {
    const objects = applied.map((manifest) => this.#objectOf(manifest));
    this.#hand.act(this.#sim, (turn) => {
      for (const object of objects) putObject(object, turn);
      for (const ref of deleted) {
        const kind = ref.slice(0, ref.indexOf('/'));
        if (!isCaseKind(kind)) throw new NoSeam(`objects of kind ${kind} are not kept here`);
        dropObject(kind, ref.slice(ref.indexOf('/') + 1), turn);
      }
    });
  }

  /** Asks NMI over HTTP; goes on once it has answered. */
  *askNmi({ call, sourceIP }: NmiQuestion): Generator<Wait, NmiAnswer, undefined> {
    const request = this.#hand.newRequest();
    this.#hand.act(this.#sim, (turn) => {
      const from = { sourceIP, replyTo: turn.self, sender: '', network: 'pod' as const, connection: request };
      turn.send(`nmi/${NODE}`, { type: 'MetadataRequest', request, call, ...from });
    });
    const response = yield* this.#answer(request);
    if (response.type !== 'MetadataResponse') throw new Error('NMI answers with nothing else');
    const stated = this.#facts.find((fact) => fact.type === 'nmi-answered' && fact.request === request);
    const resolved = this.#facts.find((fact) => fact.type === 'nmi-resolved' && fact.request === request);
    return {
      response,
      stated: stated?.type === 'nmi-answered' ? stated : undefined,
      pod: resolved?.type === 'nmi-resolved' ? resolved.resolved : undefined,
    };
  }

  /** Asks the API server; goes on once it has answered. */
  *askApi(call: ApiCall): Generator<Wait, MessageOf<'ApiResponse'>, undefined> {
    const request = this.#hand.newRequest();
    this.#hand.send(this.#sim, 'kube-apiserver', { type: 'ApiRequest', request, call });
    const response = yield* this.#answer(request);
    if (response.type !== 'ApiResponse') throw new Error('the API server answers with nothing else');
    return response;
  }

  *#answer(request: string): Generator<Wait, HandAnswer, undefined> {
    yield { deadline: this.now + PATIENCE, isOver: () => this.#hand.answerTo(request) !== undefined };
    const answer = this.#hand.answerTo(request);
    if (answer === undefined) throw new Error(`no answer within ${String(PATIENCE)} s`);
    return answer;
  }

  /** Every pod is on the one node: NMI knows no other. */
  #objectOf(manifest: DataMap): CaseObject {
    this.#versions += 1;
    const object = objectOf(manifest, `v${String(this.#versions)}`);
    if (object === undefined) throw new NoSeam(`objects of kind ${textAt(manifest, 'kind')} are not kept here`);
    return object.kind === 'Pod' ? { ...object, spec: { ...object.spec, nodeName: NODE } } : object;
  }

  #imds(conduct: ImdsConduct): AnyActorDefinition<Identity> {
    return defineActor<object, MessageOf<'ComputeCreated' | 'MetadataRequest' | 'ConnectionClosed'>>({
      kind: 'imds',
      initial: () => ({}),
      handlers: {
        ComputeCreated: () => undefined,
        ConnectionClosed: () => undefined,
        MetadataRequest: (_state, { request, replyTo, call }, turn) => {
          this.asked.push(call);
          const answer = { type: 'MetadataResponse', request, servedBy: 'imds' } as const;
          if (conduct === 'refuses') turn.send(replyTo, { ...answer, status: 400, text: 'refused' });
          else turn.send(replyTo, { ...answer, status: 200, body: tokenFor(call, turn.now) });
        },
      },
    });
  }
}

/** Plays something to its end in a world of its own. */
export function played<T>(world: WorldView, steps: Generator<Wait, T, undefined>, run: (list: Steps) => void): T {
  const results: T[] = [];
  run(
    (function* (): Steps {
      results.push(yield* steps);
    })(),
  );
  const [result] = results;
  if (result === undefined) throw new Error(`nothing came of it by ${String(world.now)} s`);
  return result;
}

function tokenFor({ query }: MetadataCall, now: Moment): NonNullable<MessageOf<'MetadataResponse'>['body']> {
  const { resource = '', clientId = '' } = query;
  const times = { issuedAt: now, notBefore: now, expiresAt: after(now, seconds(86_400)) };
  const token = { uti: 'token', audience: resource, issuer: '', objectId: '', appId: clientId, mirid: '', ...times };
  return { token, resource, isCached: false };
}

/** The knobs behind the flags of a case. */
function overridesOf(flags: DataMap): Overrides {
  const overrides: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(flags)) {
    const spec = FLAGS.nmi[name];
    if (spec?.knob === undefined || value === null || typeof value === 'object' || value === '') continue;
    overrides[spec.knob] = spec.kind === 'seconds' ? `${String(value)}s` : value;
  }
  return overrides;
}
