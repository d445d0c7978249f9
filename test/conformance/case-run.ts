/** Runs one case: its steps in order, its assertions at their marks and at the end. */
import { checkWorld } from './assertions.ts';
import { mismatch, Mismatch, NoSeam } from './case.ts';
import type { CaseResult, ConformanceCase, Score } from './case.ts';
import { CaseSteps } from './case-steps.ts';
import { checkResponse, checkRoute } from './http.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import { checkReturn } from './value-check.ts';

/** Runs a case to its verdict. */
export function runCase(one: ConformanceCase): CaseResult {
  if (one.isDisabled) return { verdict: 'skipped', reason: 'disabled in its source' };
  const then = new Tally(one.then);
  const observed = new Tally(one.observed);
  try {
    const steps = new CaseSteps(one, (mark) => {
      then.checkAt(mark, steps);
      observed.checkAt(mark, steps);
    });
    steps.run();
    then.checkAt('', steps);
    observed.checkAt('', steps);
  } catch (error) {
    if (error instanceof NoSeam) return { verdict: 'skipped', reason: error.message };
    if (error instanceof Mismatch) return { verdict: 'failed', text: error.message, observed: observed.score };
    throw error;
  }
  const { failures, unseen } = then.score;
  if (failures.length > 0) return { verdict: 'failed', text: failures.join('; '), observed: observed.score };
  // What cannot be seen is no pass, however much of the case holds.
  if (unseen.length > 0) return { verdict: 'skipped', reason: unseen.join('; ') };
  return { verdict: 'passed', observed: observed.score };
}

/** The items of one list and how they fared. */
class Tally {
  readonly #items: readonly DataMap[];
  readonly #failures: string[] = [];
  readonly #unseen: string[] = [];
  #passed = 0;

  constructor(items: readonly DataMap[]) {
    this.#items = items;
  }

  get score(): Score {
    return { passed: this.#passed, failures: [...this.#failures], unseen: [...this.#unseen] };
  }

  /** Checks the items of a mark; `''`: those without one. */
  checkAt(mark: string, steps: CaseSteps): void {
    for (const item of this.#items) {
      if (textAt(item, 'at') !== mark) continue;
      try {
        checkItem(item, steps);
        this.#passed += 1;
      } catch (error) {
        if (error instanceof NoSeam) this.#unseen.push(error.message);
        else if (error instanceof Mismatch) this.#failures.push(mark === '' ? error.message : `at ${mark}: ${error.message}`);
        else throw error;
      }
    }
  }
}

function checkItem(item: DataMap, steps: CaseSteps): void {
  if (isAboutWorld(item)) {
    checkWorld(item, steps.plane);
    return;
  }
  const [kind = ''] = Object.keys(item).filter((key) => key !== 'at');
  const wanted = mapAt(item, kind);
  switch (kind) {
    case 'returns':
      checkReturn(wanted, steps.resultOf(textAt(wanted, 'of')));
      return;
    case 'route':
      checkRoute(wanted, steps.httpOutcomeOf(textAt(wanted, 'of')));
      return;
    case 'response':
      checkResponse(wanted, steps.httpOutcomeOf(textAt(wanted, 'of')));
      return;
    case 'object':
      checkBlock(wanted, steps);
      return;
    case 'elapsed':
      checkElapsed(wanted, steps);
      return;
    case 'loop':
      checkLoop(wanted, steps);
      return;
    case 'noCrash':
      steps.resultOf(textAt(wanted, 'of'));
      return;
    default:
      throw new NoSeam(`assertion ${kind} is about something the runner does not build`);
  }
}

const ABOUT_WORLD: readonly string[] = ['objects', 'arm', 'armCalls', 'armPatch', 'events'];

function isAboutWorld(item: DataMap): boolean {
  return ABOUT_WORLD.some((key) => item[key] !== undefined);
}

function checkBlock(wanted: DataMap, steps: CaseSteps): void {
  const { ids } = steps.blockOf(textAt(wanted, 'of'));
  const { count } = mapAt(wanted, 'userAssignedIdentities');
  if (count !== ids.length) mismatch('identities in the block', count, ids.length);
}

/** A loop that was told to stop ends within the time given. */
function checkLoop(wanted: DataMap, { plane }: CaseSteps): void {
  if (wanted['component'] !== 'mic' || wanted['state'] !== 'stopped') throw new NoSeam('only the end of MIC is looked at');
  const end = plane.now + Number(wanted['withinSeconds']);
  while (plane.isMicAlive && plane.now < end) plane.passToNext(end - plane.now);
  if (plane.isMicAlive) mismatch('loop of MIC', 'stopped', 'running');
}

function checkElapsed(wanted: DataMap, steps: CaseSteps): void {
  const of = textAt(wanted, 'of');
  const seen = of === '' ? steps.timeOf(textAt(wanted, 'to')) - steps.timeOf(textAt(wanted, 'from')) : steps.resultOf(of).took;
  const { seconds, minSeconds, maxSeconds } = wanted;
  if (typeof seconds === 'number' && Math.abs(seen - seconds) > CLOSE) mismatch('duration', seconds, seen);
  if (typeof minSeconds === 'number' && seen < minSeconds) mismatch('least duration', minSeconds, seen);
  if (typeof maxSeconds === 'number' && seen > maxSeconds) mismatch('greatest duration', maxSeconds, seen);
}

/** How exact a stated duration is [s]. */
const CLOSE = 0.01;
