/**
 * Links between actors: latency, order, and faults as an ordered chain of rules.
 *
 * A message type belongs to one kind of link. A link instance is (kind, sender, receiver). FIFO links never let a message overtake
 * an earlier one; two that would arrive together keep their sending order.
 */
import type { ActorId, DrawableKnobName, Vocabulary } from './vocabulary.ts';
import type { Duration, Moment } from './time.ts';

/** A kind of link, as the vocabulary declares it. */
export interface LinkKind<V extends Vocabulary> {
  /** Name of the kind and of its hop in a latency report, such as `node-local`. */
  readonly name: string;
  /** Knob of the one-way latency; undefined: no time passes. */
  readonly latency?: DrawableKnobName<V>;
  /** Whether messages keep their order (one connection), or may overtake (one connection each). */
  readonly order: 'fifo' | 'any';
}

/** What a rule does to a message that matches it. */
type FaultAction<M extends { readonly type: string }> =
  | { readonly kind: 'pass' }
  | { readonly kind: 'delay'; readonly by: Duration; readonly label: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'duplicate'; readonly gap: Duration }
  | { readonly kind: 'answer'; readonly with: M };

/** One rule of the chain. Rules are asked in the order of their installation; the first that matches decides. */
export interface FaultRule<M extends { readonly type: string }> {
  readonly id: string;
  /** Sender ids: exact, or a prefix that ends in `*`. Default: any. */
  readonly from?: string;
  /** Receiver ids: exact, or a prefix that ends in `*`. Default: any. */
  readonly to?: string;
  /** Message type. Default: any. */
  readonly type?: string;
  /** Fields of the message that must be equal, by dotted path. Default: none. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** Share of the matching messages that the rule takes, 0 to 1. Default 1. */
  readonly probability?: number;
  /** How many messages the rule takes before it is spent. Default: no limit. */
  readonly times?: number;
  readonly action: FaultAction<M>;
}

/** The verdict of the chain on one message. */
export type Verdict<V extends Vocabulary> = FaultAction<V['message']>;

interface Installed<V extends Vocabulary> {
  readonly rule: FaultRule<V['message']>;
  left: number;
}

/** State of the network that a snapshot keeps. */
export interface NetworkSnapshot<V extends Vocabulary> {
  readonly rules: readonly Installed<V>[];
  readonly clocks: readonly (readonly [string, Moment])[];
}

/** Rules and FIFO clocks of all links. */
export class Network<V extends Vocabulary> {
  #rules: Installed<V>[] = [];
  /** Last arrival per FIFO link instance. */
  #clocks = new Map<string, Moment>();

  /** Whether any rule is installed: the common case costs one check. */
  get isFaulty(): boolean {
    return this.#rules.length > 0;
  }

  /** Adds a rule at the end of the chain; one of the same id is replaced in place. */
  install(rule: FaultRule<V['message']>): void {
    const entry: Installed<V> = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    const at = this.#rules.findIndex((other) => other.rule.id === rule.id);
    if (at >= 0) this.#rules[at] = entry;
    else this.#rules.push(entry);
  }

  /** Takes a rule away; unknown ids are ignored. */
  remove(id: string): void {
    this.#rules = this.#rules.filter((entry) => entry.rule.id !== id);
  }

  /** Asks the chain about one message. `coin` gives a uniform draw for rules that take only a share. */
  judge(
    letter: { readonly from: ActorId; readonly to: ActorId; readonly message: V['message'] },
    coin: (rule: string) => number,
  ): Verdict<V> {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (entry.left <= 0 || !matches(rule, letter)) continue;
      if (rule.probability !== undefined && coin(rule.id) >= rule.probability) continue;
      entry.left -= 1;
      return rule.action;
    }
    return { kind: 'pass' };
  }

  /** Whether some rule could touch messages from or to that actor: a standing exchange must then become real messages. */
  touches(actor: ActorId): boolean {
    return this.#rules.some(({ rule, left }) => left > 0 && (isMatch(rule.from, actor) || isMatch(rule.to, actor)));
  }

  /** Arrival of a message on a FIFO link: never before an earlier one of the same link. */
  inOrder(link: string, arrival: Moment): Moment {
    const last = this.#clocks.get(link);
    const at = last !== undefined && last > arrival ? last : arrival;
    this.#clocks.set(link, at);
    return at;
  }

  /** Forgets clocks that lie in the past: they no longer hold anything back. */
  sweep(now: Moment): void {
    for (const [link, at] of this.#clocks) if (at < now) this.#clocks.delete(link);
  }

  snapshot(): NetworkSnapshot<V> {
    return { rules: this.#rules.map((entry) => ({ ...entry })), clocks: [...this.#clocks] };
  }

  restore(snapshot: NetworkSnapshot<V>): void {
    this.#rules = snapshot.rules.map((entry) => ({ ...entry }));
    this.#clocks = new Map(snapshot.clocks);
  }
}

function matches<V extends Vocabulary>(
  rule: FaultRule<V['message']>,
  letter: { readonly from: ActorId; readonly to: ActorId; readonly message: V['message'] },
): boolean {
  if (rule.type !== undefined && rule.type !== letter.message.type) return false;
  if (!isMatch(rule.from, letter.from) || !isMatch(rule.to, letter.to)) return false;
  return Object.entries(rule.where ?? {}).every(([path, wanted]) => valueAt(letter.message, path) === wanted);
}

/** Whether an id fits a pattern: equal, or under a prefix that ends in `*`; no pattern fits all. */
function isMatch(pattern: string | undefined, id: ActorId): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}

function valueAt(root: unknown, path: string): unknown {
  let value: unknown = root;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
