/** Sends letters: which link, how long it takes, what the faults on it do, and who lives at the address. */
import type { ActorId, EventId, Vocabulary } from './vocabulary.ts';
import type { EventQueue } from './event-queue.ts';
import type { Draws } from './draws.ts';
import type { Instance, Letters } from './instance.ts';
import type { LinkKind, Network, Verdict } from './network.ts';
import { hashString, mix } from './random.ts';
import { messageTie, startTie, wakeTie } from './ties.ts';
import type { Moment } from './time.ts';
import type { Trace } from './trace.ts';
import type { Effect } from './turn-recorder.ts';
import type { Observer, WorldDefinition } from './world.ts';

/** The parts of the kernel through which anything gets under way. */
export interface Post<V extends Vocabulary> {
  readonly queue: EventQueue;
  readonly letters: Letters<V>;
  readonly trace: Trace;
  readonly ties: 'fixed' | 'shuffled';
  readonly coin: () => number;
}

interface Surroundings<V extends Vocabulary> {
  readonly network: Network<V>;
  readonly draws: Draws<V>;
  readonly find: (id: ActorId) => Instance<V> | undefined;
  readonly observers: readonly Observer<V>[];
}

type Send<V extends Vocabulary> = Extract<Effect<V>, { kind: 'send' }>;

/** The event that decided something, and its moment. */
export interface Stamp {
  readonly event: EventId;
  readonly at: Moment;
}

/** The outgoing mail of all actors. */
export class Mail<V extends Vocabulary> {
  readonly #post: Post<V>;
  readonly #world: WorldDefinition<V>;
  readonly #around: Surroundings<V>;

  constructor(post: Post<V>, world: WorldDefinition<V>, around: Surroundings<V>) {
    this.#post = post;
    this.#world = world;
    this.#around = around;
  }

  /** Sends one message as its turn asked for. */
  send(from: ActorId, effect: Send<V>, stamp: Stamp): void {
    const { to, message } = effect;
    const kind = this.#world.linkOf(message.type);
    const { network, draws } = this.#around;
    const verdict: Verdict<V> = network.isFaulty
      ? network.judge({ from, to, message }, (rule) => draws.uniform(`fault/${rule}`, from))
      : { kind: 'pass' };
    if (verdict.kind === 'drop') {
      this.#lose({ at: stamp.at, from, to, type: message.type, why: 'dropped' });
      this.#notice(from, effect, { kind, stamp });
      return;
    }
    if (verdict.kind === 'answer') {
      const answer = this.#world.answerTo(message, verdict.with);
      this.#carry(to, { ...effect, to: from, message: answer, options: effect.options }, { kind, stamp, extra: 0, label: '' });
      return;
    }
    const extra = verdict.kind === 'delay' ? verdict.by : 0;
    const label = verdict.kind === 'delay' ? verdict.label : '';
    this.#carry(from, effect, { kind, stamp, extra, label });
    if (verdict.kind === 'duplicate') this.#carry(from, effect, { kind, stamp, extra: verdict.gap, label: '' });
  }

  /** Tells the sender of a lost message, where it is to hear of it. */
  #notice(from: ActorId, effect: Send<V>, way: { readonly kind: LinkKind<V>; readonly stamp: Stamp }): void {
    const { to, options } = effect;
    if (options?.ifDropped === undefined) return;
    const { message, after } = options.ifDropped;
    this.#carry(
      to,
      { ...effect, to: from, message, options: { label: options.label ?? '' } },
      { ...way, extra: (options.after ?? 0) + after, label: '' },
    );
  }

  #carry(
    from: ActorId,
    effect: Send<V>,
    way: { readonly kind: LinkKind<V>; readonly stamp: Stamp; readonly extra: number; readonly label: string },
  ): void {
    const { to, message, options } = effect;
    const { kind, stamp } = way;
    const hold = (options?.after ?? 0) + way.extra;
    const subject = `${from}>${to}`;
    const latency = kind.latency === undefined ? 0 : Number(this.#around.draws.draw(kind.latency, subject));
    const receiver = this.#around.find(to);
    const letter = receiver === undefined ? options?.ifAbsent : message;
    const instance = receiver ?? this.#around.find(from);
    if (receiver === undefined) this.#lose({ at: stamp.at, from, to, type: message.type, why: 'absent' });
    if (letter === undefined || instance === undefined) return;
    const link = mix(mix(hashString(kind.name), hashString(from)), instance.hash);
    const earliest = (stamp.at + hold + latency) as Moment;
    const arrival = kind.order === 'fifo' ? this.#inOrder(`${kind.name} ${subject}`, earliest) : earliest;
    const slot = this.#post.letters.put({
      to: instance,
      from: receiver === undefined ? to : from,
      message: letter,
      parent: stamp.event,
      linkTime: arrival - stamp.at - hold,
      holdLabel: this.#post.trace.labelId(way.label === '' ? (options?.label ?? '') : way.label),
      linkLabel: this.#post.trace.labelId(kind.name),
      linkHash: link,
      timer: undefined,
      isParked: false,
    });
    this.#post.queue.push(arrival, this.#tie(messageTie(instance.hash, link)), slot);
  }

  /** With a coin instead of tie keys, order on a link is kept by one more microsecond. */
  #inOrder(link: string, earliest: Moment): Moment {
    const { network } = this.#around;
    if (this.#post.ties === 'fixed') return network.inOrder(link, earliest);
    const arrival = network.inOrder(link, earliest);
    network.inOrder(link, (arrival + 1) as Moment);
    return arrival;
  }

  /** Wakes a watcher when a change reaches it. */
  wake(
    owner: Instance<V>,
    call: {
      readonly message: V['message'];
      readonly name: string;
      readonly parent: EventId;
      readonly at: Moment;
      readonly arrival: Moment;
    },
  ): void {
    const link = mix(hashString(call.name), owner.hash);
    const slot = this.#post.letters.put({
      to: owner,
      from: owner.id,
      message: call.message,
      parent: call.parent,
      linkTime: call.arrival - call.at,
      holdLabel: 0,
      linkLabel: this.#post.trace.labelId(this.#world.watchLabel),
      linkHash: link,
      timer: undefined,
      isParked: false,
    });
    const order = this.#post.ties === 'fixed' ? call.arrival : this.#inOrder(`watch ${call.name} ${owner.id}`, call.arrival);
    this.#post.queue.push(order, this.#tie(wakeTie(owner.hash, link)), slot);
  }

  /** Delivers the first message of a new life, at once. */
  start(owner: Instance<V>, message: V['message'], stamp: Stamp): void {
    const slot = this.#post.letters.put({
      to: owner,
      from: '',
      message,
      parent: stamp.event,
      linkTime: 0,
      holdLabel: 0,
      linkLabel: 0,
      linkHash: 0,
      timer: undefined,
      isParked: false,
    });
    this.#post.queue.push(stamp.at, this.#tie(startTie(owner.hash)), slot);
  }

  #tie(fixed: number): number {
    return this.#post.ties === 'fixed' ? fixed : this.#post.coin();
  }

  #lose(loss: Parameters<NonNullable<Observer<V>['onLoss']>>[0]): void {
    for (const observer of this.#around.observers) observer.onLoss?.(loss);
  }
}
