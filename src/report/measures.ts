/**
 * The measures of one run, taken while it runs, and the report made of them.
 *
 * Nothing of a run is stored but what the report shows: facts and writes are folded as they come, and each latency is divided at the
 * moment the token is there, so that the trace may forget what no open wait needs.
 */
import type { JournalEntry } from '../kernel/revision.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { ActorId } from '../kernel/vocabulary.ts';
import type { Delivery, Observer, Outcome } from '../kernel/world.ts';
import type { TableName, Tables } from '../model/tables.ts';
import type { Identity } from '../model/vocabulary.ts';
import type { Expectation } from '../scenarios/description.ts';
import { REPORT_FORMAT } from './document/format.ts';
import type { Provenance, Report } from './document/index.ts';
import { Judgement, verdictOf } from './judgement/index.ts';
import { limitsOf } from './limits.ts';
import { readAllMetrics } from './metrics/index.ts';
import { Observed } from './observed.ts';
import type { Stamped, Write } from './watcher.ts';

/** What a report says of a run that the run itself does not know. */
export interface ReportContext {
  readonly scenario: Provenance['scenario'];
  /** As `run` returned it. */
  readonly outcome: Outcome;
  /** Token that reproduces the run. */
  readonly replayToken: string;
  /** Command line that reproduces the run. */
  readonly command: string;
  /** Knobs that the run sets, as text. */
  readonly overrides: Provenance['overrides'];
  /** Remarks of the loader. */
  readonly notes: readonly string[];
}

/**
 * Takes the measures of one run. Make it when the world is filled and before it runs: it looks at the tables, begins to observe, and
 * tells the trace what it may forget. Then run, then ask for the report.
 */
export class Measures implements Observer<Identity> {
  readonly observed: Observed;
  readonly #simulation: Simulation<Identity>;
  readonly #judgement: Judgement;
  #hasNews = false;

  /** `expectations`: what the run is judged by; default nothing. */
  constructor(simulation: Simulation<Identity>, expectations: readonly Expectation[] = []) {
    this.#simulation = simulation;
    this.observed = new Observed(simulation);
    this.#judgement = new Judgement(expectations, this.observed);
    simulation.observe(this);
    simulation.retainTrace(() => this.observed.tokens.open.earliest(simulation.now));
  }

  onFact(stamped: Stamped): void {
    this.#hasNews = true;
    this.observed.onFact(stamped);
    this.#judgement.onFact(stamped);
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>, actor: ActorId): void {
    this.#hasNews = true;
    const write = { table, entry, actor } as Write;
    this.observed.onWrite(write);
    this.#judgement.onWrite(write);
  }

  onDelivery({ at, event }: Delivery<Identity>): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.observed.onSettled(at, event);
    this.#judgement.onSettled(at, event);
  }

  /** The report of the run so far; usually asked for once, at its end. */
  report(context: ReportContext): Report {
    const { tokens, races, cleanup, access, audit, load, course } = this.observed;
    const expectations = this.#judgement.judge(context.outcome);
    const sections = {
      tokens: tokens.section(),
      races: races.section(),
      cleanup: cleanup.section(),
      access: access.section(),
      audit: audit.section(),
      load: load.section(),
    };
    return {
      format: REPORT_FORMAT,
      verdict: verdictOf(expectations, context.outcome),
      expectations,
      ...sections,
      course: course.section(),
      metrics: readAllMetrics(this.observed),
      provenance: this.#provenance(context, limitsOf(sections)),
    };
  }

  #provenance(context: ReportContext, limits: readonly string[]): Provenance {
    const { seed, mode = 'recorded', ties = 'fixed' } = this.#simulation.options;
    const { ended, events, fingerprint, at } = context.outcome;
    const { scenario, replayToken, command, overrides, notes } = context;
    return { scenario, seed, mode, ties, fingerprint, ended, events, simulatedUs: at, replayToken, command, overrides, notes, limits };
  }
}
