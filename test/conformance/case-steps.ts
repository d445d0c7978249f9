/** The steps of a case, in the world it asks for: the words that mean the same in every world. */
import { checkWorld } from './assertions.ts';
import { Mismatch, NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import type { CaseRecords, CaseStage } from './case-stage.ts';
import { CallFailure, ExactMap, isSteps, Outcome } from './functions/stage.ts';
import { checkMetric } from './functions/process-functions.ts';
import type { IdentityBlock } from './functions/stage.ts';
import { functionOf } from './seams.ts';
import { stageOf } from './stages.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';
import { Timeline } from './timeline.ts';
import type { Steps, Wait } from './timeline.ts';
import type { CallResult } from './value-check.ts';
import { assertionsIn } from './vocabulary.ts';

/** A case under way. */
export class CaseSteps {
  readonly records: CaseRecords = { http: new Map(), validations: new Map(), admissions: new Map(), principals: new Map() };
  readonly stage: CaseStage;
  readonly #case: ConformanceCase;
  readonly #onMark: (mark: string) => void;
  readonly #results = new Map<string, CallResult>();
  readonly #blocks = new Map<string, IdentityBlock>();
  readonly #times = new Map<string, number>();
  readonly #timeline: Timeline;

  constructor(one: ConformanceCase, onMark: (mark: string) => void) {
    this.#case = one;
    this.#onMark = onMark;
    this.stage = stageOf(one, this.records);
    this.#timeline = new Timeline(this.stage);
  }

  /** Result of a call. */
  resultOf(name: string): CallResult {
    return known(this.#results.get(name), name);
  }

  /** An identity block. */
  blockOf(name: string): IdentityBlock {
    return known(this.#blocks.get(name), name);
  }

  /** When a mark was reached [s]. */
  timeOf(mark: string): number {
    return known(this.#times.get(mark), mark);
  }

  /** Runs all steps. */
  run(): void {
    this.#timeline.begin(this.#perform(this.#case.when));
    this.#timeline.run();
  }

  *#perform(steps: readonly DataMap[]): Steps {
    for (const step of steps) {
      if (this.#schedule(step) || step['notify'] !== undefined || this.stage.gather(step)) continue;
      this.stage.flush();
      yield* this.#play(step);
    }
    this.stage.flush();
  }

  /** Steps to be done later, while the following ones go on. */
  #schedule(step: DataMap): boolean {
    if (step['schedule'] === undefined) return false;
    const { afterSeconds } = mapAt(step, 'schedule');
    const later = listAt(mapAt(step, 'schedule'), 'do').filter(isMap);
    this.#timeline.begin(this.#perform(later), { deadline: this.stage.now + numberOf(afterSeconds, 'schedule.afterSeconds') });
    return true;
  }

  /** Steps that take time, or look at the world. */
  *#play(step: DataMap): Generator<Wait, void, undefined> {
    const own = this.stage.play(step, this.#timeline);
    if (own !== undefined) yield* own;
    else if (step['mark'] !== undefined) this.#mark(textAt(step, 'mark'));
    else if (step['settle'] !== undefined) yield* this.#settle(numberOf(mapAt(step, 'settle')['maxSeconds'], 'settle.maxSeconds'));
    else if (step['advance'] !== undefined) {
      yield { deadline: this.stage.now + numberOf(mapAt(step, 'advance')['seconds'], 'advance.seconds') };
    } else if (step['await'] !== undefined) yield* this.#await(mapAt(step, 'await'));
    else if (step['call'] !== undefined) yield* this.#call(mapAt(step, 'call'));
    else if (step['object'] !== undefined) {
      const object = mapAt(step, 'object');
      this.#blocks.set(textAt(object, 'as'), { ids: textsAt(object, 'userAssignedIdentities') });
    } else if (step['parallel'] !== undefined) yield* this.#timeline.together(this.#lists(step));
    else throw new NoSeam(`step ${Object.keys(step).join(', ')} means nothing in the world of this case`);
  }

  #lists(step: DataMap): readonly Steps[] {
    return listAt(step, 'parallel').map((list) => this.#perform((Array.isArray(list) ? (list as readonly Data[]) : [list]).filter(isMap)));
  }

  #mark(name: string): void {
    this.#times.set(name, this.stage.now);
    this.#onMark(name);
  }

  *#settle(maxSeconds: number): Generator<Wait, void, undefined> {
    yield { deadline: this.stage.now + maxSeconds, isOver: () => this.stage.isQuiet };
    if (!this.stage.isQuiet) throw new Mismatch(`MIC is still busy after ${String(maxSeconds)} s`);
  }

  *#await(step: DataMap): Generator<Wait, void, undefined> {
    let last = '';
    const kinds = assertionsIn(step);
    if (kinds.length === 0) throw new NoSeam(`nothing is awaited: ${JSON.stringify(step)}`);
    const isMet = (): boolean => {
      try {
        for (const kind of kinds) this.#look({ [kind]: step[kind] ?? null });
        return true;
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        last = error.message;
        return false;
      }
    };
    const deadline = this.stage.now + numberOf(step['timeoutSeconds'], 'await.timeoutSeconds');
    const { pollSeconds } = step;
    const period = typeof pollSeconds === 'number' && pollSeconds > 0 ? pollSeconds : 1;
    if (this.stage.looks === 'at every event') yield { deadline, isOver: isMet };
    else while (!isMet() && this.stage.now < deadline) yield { deadline: Math.min(deadline, this.stage.now + period) };
    if (!isMet()) throw new Mismatch(`awaited in vain for ${textAt(step, 'timeoutSeconds')} s: ${last}`);
  }

  #look(item: DataMap): void {
    if (item['metric'] !== undefined) {
      checkMetric(mapAt(item, 'metric'), this.stage.functions);
      return;
    }
    if (this.stage.check(item) || checkWorld(item, this.stage)) return;
    throw new NoSeam(`${Object.keys(item).join(', ')} cannot be awaited in the world of this case`);
  }

  *#call(step: DataMap): Generator<Wait, void, undefined> {
    const perform = functionOf(textAt(step, 'fn'));
    const began = this.stage.now;
    const block = step['on'] === undefined ? undefined : this.blockOf(textAt(step, 'on'));
    let result: Omit<CallResult, 'took'>;
    try {
      const made = perform(mapAt(step, 'args'), { ...this.stage.functions, block });
      result = resultOf(isSteps(made) ? yield* made : made);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      result = { value: null, error: error.message };
    }
    this.#results.set(textAt(step, 'as'), { ...result, took: this.stage.now - began });
  }
}

function resultOf(value: unknown): Omit<CallResult, 'took'> {
  if (value instanceof Outcome) return value;
  return value instanceof ExactMap ? { value: value.value, isExact: true } : { value };
}

function numberOf(value: Data | undefined, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new NoSeam(`${name} is no number of seconds: ${JSON.stringify(value)}`);
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new NoSeam(`nothing is remembered as ${name}`);
  return value;
}
