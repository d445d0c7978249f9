/** Runs one case: its steps in order, its assertions at their marks and at the end. */
import { checkWorld } from './assertions.ts';
import { mismatch, Mismatch, NoSeam } from './case.ts';
import type { CaseResult, ConformanceCase, Score } from './case.ts';
import { CaseSteps } from './case-steps.ts';
import { checkNotices } from './functions/file-functions.ts';
import { checkHttpEquivalent } from './functions/http-equivalent.ts';
import { checkMetric } from './functions/process-functions.ts';
import { checkResponse, checkRoute } from './http.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import { checkReturn } from './value-check.ts';
import { assertionsIn, strangeWords, strangeWordsOf } from './vocabulary.ts';

/** Runs a case to its verdict. */
export function runCase(one: ConformanceCase): CaseResult {
  if (one.isDisabled) return { verdict: 'skipped', reason: 'disabled in its source' };
  const [stranger] = strangeWords(one);
  if (stranger !== undefined) return { verdict: 'skipped', reason: `nobody knows the word ${stranger}` };
  const then = new Tally(one.then);
  const observed = new Tally(one.observed);
  try {
    const steps = new CaseSteps(one, (mark) => {
      then.checkAt(mark, steps);
      observed.checkAt(mark, steps);
    });
    steps.run();
    for (const list of [then, observed]) {
      list.checkAt('', steps);
      list.missMarks();
    }
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
  readonly #reached = new Set<string>();
  #passed = 0;

  constructor(items: readonly DataMap[]) {
    this.#items = items;
  }

  get score(): Score {
    return { passed: this.#passed, failures: [...this.#failures], unseen: [...this.#unseen] };
  }

  /** Notes the items whose mark was never reached: nobody looked at them. */
  missMarks(): void {
    for (const item of this.#items) {
      const mark = textAt(item, 'at');
      if (mark !== '' && !this.#reached.has(mark)) this.#failures.push(`mark ${mark} was never reached`);
    }
  }

  /** Checks the items of a mark; `''`: those without one. */
  checkAt(mark: string, steps: CaseSteps): void {
    this.#reached.add(mark);
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
  const [stranger] = strangeWordsOf(item);
  if (stranger !== undefined) throw new NoSeam(`nobody knows the word ${stranger}`);
  const kinds = assertionsIn(item);
  if (kinds.length === 0) throw new NoSeam(`an item without an assertion: ${JSON.stringify(item)}`);
  for (const kind of kinds) checkAssertion(kind, mapAt(item, kind), steps);
}

function checkAssertion(kind: string, wanted: DataMap, steps: CaseSteps): void {
  const item = { [kind]: wanted };
  if (steps.stage.check(item) || checkWorld(item, steps.stage)) return;
  const check = Object.hasOwn(CHECKS, kind) ? CHECKS[kind] : undefined;
  if (check === undefined) throw new NoSeam(`assertion ${kind} is about something the world of this case does not have`);
  check(wanted, steps);
}

/** Assertions about what steps left, by name. */
const CHECKS: Readonly<Record<string, (wanted: DataMap, steps: CaseSteps) => void>> = {
  returns: (wanted, steps) => checkReturn(wanted, steps.resultOf(textAt(wanted, 'of'))),
  route: (wanted, { records }) => checkRoute(wanted, remembered(records.http, wanted)),
  response: (wanted, { records }) => checkResponse(wanted, remembered(records.http, wanted)),
  httpEquivalent: (wanted, steps) => checkHttpEquivalent(wanted, steps.resultOf(textAt(wanted, 'of')).http),
  object: checkBlock,
  elapsed: checkElapsed,
  loop: checkLoop,
  // That it came back is what is asked.
  noCrash: (wanted, steps) => void steps.resultOf(textAt(wanted, 'of')),
  validation: (wanted, { records }) => {
    const { reason } = remembered(records.validations, wanted);
    if ((reason === '') !== (wanted['ok'] === true)) mismatch('validation', wanted['ok'], reason === '' ? true : reason);
  },
  admission: (wanted, { records }) => {
    const isAccepted = remembered(records.admissions, wanted);
    if (isAccepted !== wanted['accepted']) mismatch('accepted', wanted['accepted'], isAccepted);
  },
  systemAssigned: checkPrincipal,
  notifications: (wanted, { stage }) => checkNotices(wanted, stage.functions.files),
  metric: (wanted, { stage }) => checkMetric(wanted, stage.functions),
};

function remembered<T>(records: ReadonlyMap<string, T>, wanted: DataMap): T {
  const name = textAt(wanted, 'of');
  const record = records.get(name);
  if (record === undefined) throw new NoSeam(`nothing is remembered as ${name}`);
  return record;
}

function checkPrincipal(wanted: DataMap, { records }: CaseSteps): void {
  const { principalId, tenantId } = remembered(records.principals, wanted);
  const isPresent = principalId !== '' && tenantId !== '';
  if (typeof wanted['present'] === 'boolean' && wanted['present'] !== isPresent)
    mismatch('system-assigned identity', wanted['present'], isPresent);
  if (wanted['sameAs'] === undefined) return;
  const earlier = remembered(records.principals, { of: wanted['sameAs'] });
  if (earlier.principalId !== principalId || earlier.tenantId !== tenantId)
    mismatch('principal and tenant', [earlier.principalId, earlier.tenantId], [principalId, tenantId]);
}

function checkBlock(wanted: DataMap, steps: CaseSteps): void {
  const { ids } = steps.blockOf(textAt(wanted, 'of'));
  const { count } = mapAt(wanted, 'userAssignedIdentities');
  if (count !== ids.length) mismatch('identities in the block', count, ids.length);
}

/** A loop that was told to stop ends within the time given. */
function checkLoop(wanted: DataMap, { stage }: CaseSteps): void {
  if (wanted['component'] !== 'mic' || wanted['state'] !== 'stopped') throw new NoSeam('only the end of MIC is looked at');
  const end = stage.now + Number(wanted['withinSeconds']);
  while (stage.isMicAlive && stage.now < end) stage.passToNext(end - stage.now);
  if (stage.isMicAlive) mismatch('loop of MIC', 'stopped', 'running');
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
