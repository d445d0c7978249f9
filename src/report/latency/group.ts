/** Waits of one group (first tokens, later ones), each divided among what was waited for. */
import type { LatencyPart as Stretch } from '../../kernel/trace.ts';
import { LATENCY_PART_MEANING, LATENCY_PARTS } from '../../model/labels.ts';
import type { LatencyPart } from '../../model/labels.ts';
import type { LatencyGroupSection, PlaceInRun } from '../document/index.ts';
import { Sample } from '../sample.ts';
import { ClassCounts } from './histogram.ts';

/** One wait that is over. */
export interface EndedWait {
  readonly request: string;
  readonly place: PlaceInRun;
  /** [µs] */
  readonly waited: number;
  /** In time order; they sum to `waited`. */
  readonly stretches: readonly Stretch[];
}

interface PartSum {
  totalUs: number;
  waits: number;
  maxUs: number;
}

const KNOWN: ReadonlySet<string> = new Set(LATENCY_PARTS);

/** The part a hop counts for; what no catalogue names (such as time beyond the trace's memory) is `other`. */
function partOf(label: string): LatencyPart {
  return KNOWN.has(label) ? (label as LatencyPart) : 'other';
}

/** Waits of one group. */
export class LatencyGroup {
  readonly sample = new Sample();
  readonly #what: string;
  readonly #classes = new ClassCounts();
  readonly #sums = new Map<LatencyPart, PartSum>();
  #slowest: EndedWait | undefined;

  /** `what`: the group in words. */
  constructor(what: string) {
    this.#what = what;
  }

  add(wait: EndedWait): void {
    this.sample.add(wait.waited);
    this.#classes.add(wait.waited);
    const parts = new Map<LatencyPart, number>();
    for (const { label, from, to } of wait.stretches) parts.set(partOf(label), (parts.get(partOf(label)) ?? 0) + (to - from));
    for (const [part, us] of parts) {
      const sum = this.#sums.get(part) ?? { totalUs: 0, waits: 0, maxUs: 0 };
      sum.totalUs += us;
      sum.waits += 1;
      sum.maxUs = Math.max(sum.maxUs, us);
      this.#sums.set(part, sum);
    }
    if (this.#slowest === undefined || wait.waited > this.#slowest.waited) this.#slowest = wait;
  }

  /** Share of a part in the summed waits; undefined without samples or where all waits were zero. */
  shareOf(part: LatencyPart): number | undefined {
    if (this.sample.total === 0) return undefined;
    return (this.#sums.get(part)?.totalUs ?? 0) / this.sample.total;
  }

  section(): LatencyGroupSection {
    return {
      what: this.#what,
      waits: this.sample.waits(),
      histogram: this.#classes.classes(),
      parts: LATENCY_PARTS.flatMap((part) => {
        const sum = this.#sums.get(part);
        if (sum === undefined) return [];
        const meanUs = Math.round(sum.totalUs / this.sample.count);
        return [{ part, meaning: LATENCY_PART_MEANING[part], ...sum, meanUs, share: this.shareOf(part) ?? 0 }];
      }),
      slowest: this.#slowestSection(),
    };
  }

  #slowestSection(): LatencyGroupSection['slowest'] {
    if (this.#slowest === undefined) return null;
    const { request, waited, place, stretches } = this.#slowest;
    const chain = stretches.map(({ label, from, to, event }) => ({ part: partOf(label), fromUs: from, toUs: to, event }));
    return { request, waitUs: waited, place, chain };
  }
}
