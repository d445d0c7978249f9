/**
 * The causal chain of an event: at each event back to the parent that arrived last, as reports divide latencies, told in the order of
 * time. So the chain and the parts of a wait are two views of one walk.
 */
import type { Moment } from '../../kernel/time.ts';
import type { Ancestry, Cause, LatencyPart as Stretch, Trace } from '../../kernel/trace.ts';
import type { LatencyPart } from '../../model/labels.ts';
import { LATENCY_PART_MEANING } from '../../model/labels.ts';
import { givenUpAt } from './given-up.ts';
import type { RunRecord } from './record.ts';
import type { RuleContext } from './rules.ts';
import { ruleSentence, rulesOf, rulesOfMessage, rulesOfWait, worthTelling } from './rules.ts';
import { ruleSources } from './rule-sources.ts';
import { eventSentence, factsOf, statedIn } from './sentences.ts';

/** A stretch of waiting between two links. */
interface ChainWait {
  /** Name of the part; `''` where nothing was waited for. */
  readonly part: string;
  readonly tookUs: number;
  readonly meaning: string;
  /** Where the rule behind it is written down. */
  readonly sources: readonly string[];
}

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
}

/** Waits before which a chain does not go back: what was before such a rest did not bring about what came after it. */
const REST: ReadonlySet<string> = new Set<LatencyPart>(['idle', 'appRetry']);

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
    if (node.at <= since || link.waited.some(({ part }) => REST.has(part))) break;
  }
  return links.reverse();
}

function linkOf(node: Ancestry, cause: Cause, source: ChainSource): ChainLink {
  const { record, rules } = source;
  const noted = record.events.get(node.event);
  const facts = factsOf(record.facts, node.event);
  const waited = told(cause).map(({ label, from, to }) => waitOf(label, to - from));
  // What NMI answers when its client has hung up is no outcome of its looks.
  const isHungUp = noted?.message.type === 'ConnectionClosed';
  const open = givenUpBy(node.event, source);
  const behind = [
    ...waited.flatMap(({ part, tookUs }) => rulesOfWait(part, tookUs)),
    ...(noted === undefined ? [] : rulesOfMessage(noted.message)),
    ...facts.filter(({ fact }) => !isHungUp || fact.type !== 'nmi-answered').flatMap(rulesOf),
  ];
  return {
    event: node.event,
    atUs: node.at,
    actor: noted?.actor ?? '',
    sentence: noted === undefined ? 'the world began so' : eventSentence(noted),
    stated: [...statedIn(facts), ...(open === undefined ? [] : [open.text])],
    rules: worthTelling(behind, rules).map((rule) => ruleSentence(rule, rules)),
    waited,
  };
}

function waitOf(part: string, tookUs: number): ChainWait {
  const meaning = (LATENCY_PART_MEANING[part as LatencyPart] as string | undefined) ?? part;
  return { part, tookUs, meaning, sources: ruleSources(part) };
}

/** Waits in time order without empty ones. Time in a queue and the way into it are one wait to a reader, unless they have names of their own. */
function told({ by, waits }: Cause): Cause['waits'] {
  const [work, lay, way] = waits;
  const isOne = by === 'queue' && work !== undefined && way !== undefined && lay?.label === way.label;
  const shown = isOne ? [{ ...lay, from: way.from }, work] : waits.toReversed();
  return shown.filter(({ from, to }) => to > from);
}
