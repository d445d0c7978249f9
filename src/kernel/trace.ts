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
  readonly by: 'queue' | 'revision' | 'trigger' | 'unknown';
  /** That enabler. */
  readonly enabler?: Enabler;
  /** What lay between parent and event, newest first; they join without gaps, some may be empty. */
  readonly waits: readonly CauseWait[];
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
    let node = this.of(event);
    let end = node?.at ?? since;
    const take = (label: string, from: Moment, at: EventId): void => {
      const start = from > since ? from : since;
      if (start < end) {
        parts.push({ label, from: start, to: end, event: at });
        end = start;
      }
    };
    while (end > since) {
      if (node === undefined) {
        take('unknown', since, -1);
        break;
      }
      const { parent, waits } = this.causeOf(node);
      for (const { label, from } of waits) take(label, from, node.event);
      node = this.of(parent);
    }
    return parts.reverse();
  }

  /** What decided when an event happened. The one place that says so: divisions and explanations are walks over it. */
  causeOf(node: Ancestry): Cause {
    const queue = node.enablers.find((enabler) => enabler.mode === 'queue');
    if (queue !== undefined) {
      const made = this.of(queue.event)?.at ?? queue.arrivedAt;
      const lay = { label: queue.label, from: queue.arrivedAt, to: node.at };
      return {
        parent: queue.event,
        by: 'queue',
        enabler: queue,
        waits: [lay, { label: queue.way ?? queue.label, from: made, to: queue.arrivedAt }],
      };
    }
    const trigger = this.of(node.trigger);
    const latest = latestOf(node.enablers);
    if (latest !== undefined && (trigger === undefined || latest.arrivedAt > trigger.at)) {
      const hop = { label: node.holdLabel === '' ? node.linkLabel : node.holdLabel, from: latest.arrivedAt, to: node.at };
      const way = { label: latest.label, from: this.of(latest.event)?.at ?? latest.arrivedAt, to: latest.arrivedAt };
      return { parent: latest.event, by: 'revision', enabler: latest, waits: [hop, way] };
    }
    const sent = (node.at - node.linkTime) as Moment;
    const link = { label: node.linkLabel, from: sent, to: node.at };
    if (trigger === undefined) return { parent: -1, by: 'unknown', waits: [link] };
    return { parent: node.trigger, by: 'trigger', waits: [link, { label: node.holdLabel, from: trigger.at, to: sent }] };
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
