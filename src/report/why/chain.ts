/**
 * The causal chain of an event: at each event back to the parent that arrived last, as reports divide latencies, told in the order of
 * time. So the chain and the parts of a wait are two views of one walk.
 */
import type { Ancestry, Cause, Trace } from '../../kernel/trace.ts';
import type { LatencyPart } from '../../model/labels.ts';
import { LATENCY_PART_MEANING } from '../../model/labels.ts';
import type { RunRecord } from './record.ts';
import { ruleSources } from './rule-sources.ts';
import { eventSentence, factSentences } from './sentences.ts';

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
  /** What it waited for after the link before it, in order. */
  readonly waited: readonly ChainWait[];
}

/** Links of a chain before it is cut off. */
const LONGEST = 400;

/** The chain that leads to an event, oldest cause first, not further back than `since` [µs]. */
export function chainTo(event: number, run: { readonly trace: Trace; readonly record: RunRecord }, since = 0): readonly ChainLink[] {
  const links: ChainLink[] = [];
  for (const { node, cause } of run.trace.walk(event)) {
    if (links.length === LONGEST) break;
    links.push(linkOf(node, cause, run.record));
    if (node.at <= since) break;
  }
  return links.reverse();
}

function linkOf(node: Ancestry, cause: Cause, record: RunRecord): ChainLink {
  const noted = record.events.get(node.event);
  return {
    event: node.event,
    atUs: node.at,
    actor: noted?.actor ?? '',
    sentence: noted === undefined ? 'the world began so' : eventSentence(noted),
    stated: factSentences(record.facts, node.event),
    waited: told(cause).map(({ label, from, to }) => waitOf(label, to - from)),
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
