/**
 * Who caused what: for each delivered event its trigger, the names of the two hops that led from the trigger to it, and its enablers.
 *
 * Kept in typed arrays by chunks, in both modes; chunks that lie before every wait still open can be forgotten. A latency is divided by
 * walking back from the answer, at each event to the parent that arrived last, clipped at the request; so the parts sum exactly.
 */
import type { Enabler, EventId } from './vocabulary.ts';
import type { Moment } from './time.ts';

const CHUNK = 1 << 14;

interface Chunk {
  readonly time: Float64Array;
  readonly parent: Float64Array;
  /** Share of the way that the link took [µs]; the rest the sender or a timer took. */
  readonly linkTime: Float64Array;
  readonly holdLabel: Uint16Array;
  readonly linkLabel: Uint16Array;
  readonly enablers: Map<EventId, readonly Enabler[]>;
}

/** One stretch of a divided latency. */
export interface LatencyPart {
  /** Name of the hop, as declared where the delay was set. */
  readonly label: string;
  readonly from: Moment;
  readonly to: Moment;
  /** The event at the end of the stretch. */
  readonly event: EventId;
}

/** A stretch of time before an event, and its name. */
interface CauseWait {
  readonly label: string;
  readonly from: Moment;
  readonly to: Moment;
}

/** What decided when an event happened: of its parents, the one that arrived last. */
export interface Cause {
  /** The parent; -1: nothing is known beyond this event. */
  readonly parent: EventId;
  /** How: by an enabler (see `Enabler`) or by the trigger. `unknown`: its parents were forgotten, or it began the world. */
  readonly by: 'queue' | 'revision' | 'condition' | 'trigger' | 'unknown';
  /** That enabler. */
  readonly enabler?: Enabler;
  /** What lay between parent and event, newest first; they join without gaps, some may be empty. */
  readonly waits: readonly CauseWait[];
}

/** One event of a walk back, and what decided when it happened. */
interface Step {
  readonly node: Ancestry;
  readonly cause: Cause;
}

/** How an event came about. */
export interface Ancestry {
  readonly event: EventId;
  readonly at: Moment;
  /** -1 for what the world started with. */
  readonly trigger: EventId;
  readonly holdLabel: string;
  readonly linkLabel: string;
  /** Time over the link [µs]. */
  readonly linkTime: number;
  readonly enablers: readonly Enabler[];
}

/** What the loop notes of each event it delivers. */
export interface TraceEntry {
  readonly at: Moment;
  readonly parent: EventId;
  readonly linkTime: number;
  readonly holdLabel: number;
  readonly linkLabel: number;
}

/** State of a trace that a snapshot keeps. */
export interface TraceSnapshot {
  readonly length: number;
  readonly firstChunk: number;
}

/** The causal trace of one run. */
export class Trace {
  #chunks: Chunk[] = [];
  /** Chunks forgotten so far. */
  #firstChunk = 0;
  #length = 0;
  readonly #labels: string[] = [''];
  readonly #labelIds = new Map<string, number>([['', 0]]);

  /** Number of events noted. */
  get length(): number {
    return this.#length;
  }

  /** Short id of a hop name. */
  labelId(label: string): number {
    let id = this.#labelIds.get(label);
    if (id === undefined) {
      id = this.#labels.length;
      if (id > 0xffff) throw new Error('a trace holds at most 65,535 names of hops; are ids part of a label?');
      this.#labels.push(label);
      this.#labelIds.set(label, id);
    }
    return id;
  }

  /** Notes the next event and answers its number. */
  note(entry: TraceEntry): EventId {
    const event = this.#length;
    const chunk = this.#chunkFor(event);
    const at = event % CHUNK;
    chunk.time[at] = entry.at;
    chunk.parent[at] = entry.parent;
    chunk.linkTime[at] = entry.linkTime;
    chunk.holdLabel[at] = entry.holdLabel;
    chunk.linkLabel[at] = entry.linkLabel;
    this.#length += 1;
    return event;
  }

  /** Notes what the event's turn depended on besides its trigger. */
  enable(event: EventId, enablers: readonly Enabler[]): void {
    this.#chunks[Math.floor(event / CHUNK) - this.#firstChunk]?.enablers.set(event, enablers);
  }

  /** Takes back the newest event (an idle tick that shall leave no mark). */
  retract(event: EventId): void {
    if (event !== this.#length - 1) throw new Error(`event ${String(event)} is not the newest`);
    this.#length -= 1;
  }

  /** How an event came about; undefined for what is forgotten. */
  of(event: EventId): Ancestry | undefined {
    const chunk = this.#chunks[Math.floor(event / CHUNK) - this.#firstChunk];
    if (chunk === undefined || event < 0 || event >= this.#length) return undefined;
    const at = event % CHUNK;
    return {
      event,
      at: (chunk.time[at] ?? 0) as Moment,
      trigger: chunk.parent[at] ?? -1,
      holdLabel: this.#labels[chunk.holdLabel[at] ?? 0] ?? '',
      linkLabel: this.#labels[chunk.linkLabel[at] ?? 0] ?? '',
      linkTime: chunk.linkTime[at] ?? 0,
      enablers: chunk.enablers.get(event) ?? [],
    };
  }

  /**
   * Divides the time between `since` and an event among what was waited for, newest last; the parts sum to it exactly.
   * What lies beyond the memory or before the run is named `unknown`.
   */
  divide(event: EventId, since: Moment): readonly LatencyPart[] {
    const parts: LatencyPart[] = [];
    let end = this.of(event)?.at ?? since;
    const take = (label: string, from: Moment, at: EventId): void => {
      const start = from > since ? from : since;
      if (start < end) {
        parts.push({ label, from: start, to: end, event: at });
        end = start;
      }
    };
    for (const { node, cause } of this.walk(event)) {
      if (end <= since) break;
      for (const { label, from } of cause.waits) take(label, from, node.event);
    }
    take('unknown', since, -1);
    return parts.reverse();
  }

  /** From an event back, at each to the parent that arrived last. The one walk behind divisions and explanations. */
  *walk(event: EventId): Generator<Step> {
    let conditions: readonly Enabler[] = [];
    let node = this.of(event);
    while (node !== undefined) {
      if (node.enablers.length > 0) conditions = [...conditions, ...node.enablers.filter(({ mode }) => mode === 'condition')];
      const cause = this.#causeOf(node, conditions);
      yield { node, cause };
      node = this.of(cause.parent);
      if (cause.by === 'condition' || cause.by === 'revision') conditions = [];
      else if (conditions.length > 0) conditions = conditions.filter(({ arrivedAt }) => node !== undefined && arrivedAt <= node.at);
    }
  }

  #causeOf(node: Ancestry, conditions: readonly Enabler[]): Cause {
    const queue = node.enablers.find((enabler) => enabler.mode === 'queue');
    if (queue !== undefined) {
      const met = latestOf(conditions.filter(({ arrivedAt, polls = [] }) => arrivedAt > queue.arrivedAt && polls.includes(queue.label)));
      if (met !== undefined) return this.#causeBy(met, 'condition', { label: queue.label, to: node.at });
      const { event, arrivedAt, label, way = label, takenAt = node.at } = queue;
      const made = this.of(event)?.at ?? arrivedAt;
      const work = { label: node.holdLabel, from: takenAt, to: node.at };
      const lay = { label, from: arrivedAt, to: takenAt };
      return { parent: event, by: 'queue', enabler: queue, waits: [work, lay, { label: way, from: made, to: arrivedAt }] };
    }
    const trigger = this.of(node.trigger);
    const latest = latestOf(node.enablers.filter(({ mode }) => mode === 'revision'));
    if (latest !== undefined && (trigger === undefined || latest.arrivedAt > trigger.at))
      return this.#causeBy(latest, 'revision', { label: node.holdLabel === '' ? node.linkLabel : node.holdLabel, to: node.at });
    const sent = (node.at - node.linkTime) as Moment;
    const link = { label: node.linkLabel, from: sent, to: node.at };
    if (trigger === undefined) return { parent: -1, by: 'unknown', waits: [link] };
    const met = latestOf(conditions.filter(({ arrivedAt, polls = [] }) => arrivedAt > trigger.at && polls.includes(node.holdLabel)));
    if (met !== undefined) return this.#causeBy(met, 'condition', { label: node.holdLabel, to: node.at });
    return { parent: node.trigger, by: 'trigger', waits: [link, { label: node.holdLabel, from: trigger.at, to: sent }] };
  }

  #causeBy(enabler: Enabler, by: 'revision' | 'condition', hop: { readonly label: string; readonly to: Moment }): Cause {
    const { event, arrivedAt, label } = enabler;
    const way = { label, from: this.of(event)?.at ?? arrivedAt, to: arrivedAt };
    return { parent: event, by, enabler, waits: [{ ...hop, from: arrivedAt }, way] };
  }

  /** Drops whole chunks of events before that moment. */
  forget(before: Moment): void {
    while (this.#chunks.length > 1 && (this.#chunks[0]?.time[CHUNK - 1] ?? Infinity) < before) {
      this.#chunks.shift();
      this.#firstChunk += 1;
    }
  }

  snapshot(): TraceSnapshot {
    return { length: this.#length, firstChunk: this.#firstChunk };
  }

  /** Goes back to a shorter length; possible while nothing of it was forgotten. */
  restore(snapshot: TraceSnapshot): void {
    if (snapshot.length > this.#length) throw new Error('a trace cannot be restored to a length it never had here');
    this.#length = snapshot.length;
    const last = Math.floor(Math.max(0, snapshot.length - 1) / CHUNK) - this.#firstChunk;
    this.#chunks.length = Math.min(this.#chunks.length, last + 1);
    const chunk = this.#chunks[last];
    if (chunk === undefined) return;
    for (const event of [...chunk.enablers.keys()]) if (event >= snapshot.length) chunk.enablers.delete(event);
  }

  #chunkFor(event: EventId): Chunk {
    const index = Math.floor(event / CHUNK) - this.#firstChunk;
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      chunk = {
        time: new Float64Array(CHUNK),
        parent: new Float64Array(CHUNK),
        linkTime: new Float64Array(CHUNK),
        holdLabel: new Uint16Array(CHUNK),
        linkLabel: new Uint16Array(CHUNK),
        enablers: new Map(),
      };
      this.#chunks.push(chunk);
    } else if (chunk.enablers.has(event)) chunk.enablers.delete(event);
    return chunk;
  }
}

function latestOf(enablers: readonly Enabler[]): Enabler | undefined {
  let latest: Enabler | undefined;
  for (const enabler of enablers) if (latest === undefined || enabler.arrivedAt > latest.arrivedAt) latest = enabler;
  return latest;
}
