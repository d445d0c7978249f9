/**
 * The causal chain of an event: at each event back to the parent that arrived last, as reports divide latencies, told in the order of
 * time. So the chain and the parts of a wait are two views of one walk.
 */
import type { Moment } from '../../kernel/time.ts';
import type { Ancestry, Cause, LatencyPart as Stretch, Trace } from '../../kernel/trace.ts';
import type { LatencyPart } from '../../model/labels.ts';
import type { Message, MessageType } from '../../model/messages/index.ts';
import { givenUpAt } from './given-up.ts';
import type { RunRecord } from './record.ts';
import type { RuleContext } from './rules.ts';
import { ruleSentence, rulesOf, rulesOfMessage, rulesOfWait, worthTelling } from './rules.ts';
import { eventSentence, factsOf, statedIn } from './sentences/index.ts';
import { waitOf, waitsOf } from './waits.ts';
import type { ChainWait } from './waits.ts';

/** One cause. */
export interface ChainLink {
  readonly event: number;
  readonly atUs: number;
  readonly actor: string;
  /** What happened, one sentence. */
  readonly sentence: string;
  /** What the actor stated in that event. */
  readonly stated: readonly string[];
  /** Rules behind what it stated and waited for, with their sources. */
  readonly rules: readonly string[];
  /** What it waited for after the link before it, in order. */
  readonly waited: readonly ChainWait[];
  /** Whether the chain ends here because what was before did not bring this about. */
  readonly isRest: boolean;
}

/** Waits before which a chain does not go back: what was before such a rest did not bring about what came after it. */
const REST: ReadonlySet<string> = new Set<LatencyPart>(['idle', 'appRetry']);

/** Timers that come due whatever was before, unless something else was waited for as well. */
const PERIODIC: ReadonlySet<string> = new Set<MessageType>([
  'ResyncDue',
  'PeriodicSyncDue',
  'ReconcileDue',
  'RulesCheckDue',
  'VolumeStepDue',
]);

/** Links of a chain before it is cut off. */
const LONGEST = 400;

/** What a chain is read from. */
export interface ChainSource {
  readonly trace: Trace;
  readonly record: RunRecord;
  readonly rules: RuleContext;
}

/**
 * The chain that leads to an event, oldest cause first, not further back than `since` [µs] or the last rest. To a client's time-out it
 * leads by what was done with the request until then.
 */
export function chainTo(event: number, source: ChainSource, since = 0): readonly ChainLink[] {
  const [timeout] = source.trace.walk(event);
  const behind = givenUpBy(event, source);
  if (timeout === undefined || behind === undefined) return plainChainTo(event, source, since);
  const chain = plainChainTo(behind.event, source, since);
  const tookUs = timeout.node.at - (chain.at(-1)?.atUs ?? since);
  const last = linkOf(timeout.node, timeout.cause, source);
  return [...chain, { ...last, waited: [waitOf('clientTimeout', tookUs)] }];
}

/** Chains that led to one thing as one, in the order of time. */
export function joined(chains: readonly (readonly ChainLink[])[]): readonly ChainLink[] {
  const links = new Map(chains.flat().map((link) => [link.event, link]));
  return [...links.values()].toSorted((a, b) => a.atUs - b.atUs || a.event - b.event);
}

/** The moment before the end of the longest wait of a chain, and the last event before that. */
export function inLongestWait(chain: readonly ChainLink[]): { readonly at: Moment; readonly event: number } {
  const waited = ({ waited: waits, isRest: atRest }: ChainLink): number => (atRest ? 0 : Math.max(0, ...waits.map(({ tookUs }) => tookUs)));
  const [longest] = chain.toSorted((a, b) => waited(b) - waited(a));
  return { at: ((longest?.atUs ?? 1) - 1) as Moment, event: (longest?.event ?? 0) - 1 };
}

/** The time from `since` [µs] to an event, divided as its chain goes. */
export function stretchesTo(event: number, source: Pick<ChainSource, 'trace' | 'record'>, since: number): readonly Stretch[] {
  const behind = givenUpBy(event, source);
  const from = behind === undefined ? undefined : source.trace.of(behind.event)?.at;
  const to = source.trace.of(event)?.at;
  if (behind === undefined || from === undefined || to === undefined) return source.trace.divide(event, since as Moment);
  return [...source.trace.divide(behind.event, since as Moment), { label: 'clientTimeout', from, to, event }];
}

function givenUpBy(event: number, source: Pick<ChainSource, 'trace' | 'record'>): ReturnType<typeof givenUpAt> {
  const noted = source.record.events.get(event);
  return noted === undefined ? undefined : givenUpAt(noted, source);
}

function plainChainTo(event: number, source: ChainSource, since: number): readonly ChainLink[] {
  const links: ChainLink[] = [];
  for (const { node, cause } of source.trace.walk(event)) {
    if (links.length === LONGEST) break;
    const link = linkOf(node, cause, source);
    links.push(link);
    if (node.at <= since || link.isRest) break;
  }
  return links.reverse();
}

/** What came about by its own clock, whatever was before. */
function isRest(waited: readonly ChainWait[], { by }: Cause, message: Message | undefined): boolean {
  if (waited.some(({ part }) => REST.has(part))) return true;
  return (by === 'trigger' || by === 'queue') && waited.length === 1 && PERIODIC.has(message?.type ?? '');
}

function linkOf(node: Ancestry, cause: Cause, source: ChainSource): ChainLink {
  const { record, rules } = source;
  const noted = record.events.get(node.event);
  const facts = factsOf(record.facts, node.event);
  const waits = waitsOf(cause);
  const waited = waits.map(({ label, from, to }, n) => waitOf(label, to - from, n === waits.length - 1 ? noted?.message : undefined));
  // What NMI answers when its client has hung up is no outcome of its looks.
  const isHungUp = noted?.message.type === 'ConnectionClosed';
  const open = givenUpBy(node.event, source);
  const atRest = isRest(waited, cause, noted?.message);
  const behind = [
    ...(atRest ? [] : waited.flatMap(({ part, tookUs }) => rulesOfWait(part, tookUs))),
    ...(noted === undefined ? [] : rulesOfMessage(noted.message)),
    ...facts.filter(({ fact }) => !isHungUp || fact.type !== 'nmi-answered').flatMap(rulesOf),
  ];
  const stated = statedIn(facts);
  const isStory = noted?.message.type === 'StoryDue' && stated.length > 0;
  return {
    event: node.event,
    atUs: node.at,
    actor: noted?.actor ?? '',
    sentence: isStory ? `the story: ${stated.join('; ')}` : noted === undefined ? 'the world began so' : eventSentence(noted),
    stated: [...(isStory ? [] : stated), ...(open === undefined ? [] : [open.text])],
    rules: worthTelling(behind, rules).map((rule) => ruleSentence(rule, rules)),
    waited,
    isRest: atRest,
  };
}
