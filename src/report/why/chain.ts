/**
 * The causal chain of an event: at each event back to the parent that arrived last, as reports divide latencies, told in the order of
 * time. So the chain and the parts of a wait are two views of one walk.
 */
import type { Ancestry, Trace } from '../../kernel/trace.ts';
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
  let node = run.trace.of(event);
  while (node !== undefined && links.length < LONGEST) {
    const { parent, waits } = decisive(node, run.trace);
    links.push(linkOf(node, waits, run.record));
    if (node.at <= since) break;
    node = run.trace.of(parent);
  }
  return links.reverse();
}

function linkOf(node: Ancestry, waits: readonly (readonly [label: string, tookUs: number])[], record: RunRecord): ChainLink {
  const noted = record.events.get(node.event);
  return {
    event: node.event,
    atUs: node.at,
    actor: noted?.actor ?? '',
    sentence: noted === undefined ? 'the world began so' : eventSentence(noted),
    stated: factSentences(record.facts, node.event),
    waited: waits.filter(([, tookUs]) => tookUs > 0).map(([label, tookUs]) => waitOf(label, tookUs)),
  };
}

function waitOf(part: string, tookUs: number): ChainWait {
  const meaning = (LATENCY_PART_MEANING[part as LatencyPart] as string | undefined) ?? part;
  return { part, tookUs, meaning, sources: ruleSources(part) };
}

type Waits = readonly (readonly [label: string, tookUs: number])[];

/** The parent that decided when an event happened, and what was waited for since. Same rule as the trace's own division. */
function decisive(node: Ancestry, trace: Trace): { readonly parent: number; readonly waits: Waits } {
  const trigger = trace.of(node.trigger);
  const queued = node.enablers.find(({ mode }) => mode === 'queue');
  if (queued !== undefined) {
    return { parent: queued.event, waits: [[queued.label, node.at - (trace.of(queued.event)?.at ?? queued.arrivedAt)]] };
  }
  const latest = [...node.enablers].sort((a, b) => b.arrivedAt - a.arrivedAt)[0];
  if (latest !== undefined && (trigger === undefined || latest.arrivedAt > trigger.at)) {
    const made = trace.of(latest.event)?.at ?? latest.arrivedAt;
    const hop = node.holdLabel === '' ? node.linkLabel : node.holdLabel;
    return {
      parent: latest.event,
      waits: [
        [latest.label, latest.arrivedAt - made],
        [hop, node.at - latest.arrivedAt],
      ],
    };
  }
  if (trigger === undefined) return { parent: -1, waits: [] };
  return {
    parent: node.trigger,
    waits: [
      [node.holdLabel, node.at - node.linkTime - trigger.at],
      [node.linkLabel, node.linkTime],
    ],
  };
}
