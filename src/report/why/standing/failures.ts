/** Failures of MIC's workers up to a moment, told once for each kind of error. */
import type { Moment } from '../../../kernel/time.ts';
import { humanMoment } from '../../duration-text.ts';
import { lastPart } from '../../value-text.ts';
import { rulesOfError } from '../rules.ts';
import type { Matter, Place } from './matter.ts';
import { cause, isOn, plain } from './matter.ts';
import { shortIds } from '../sentences/mic-words.ts';

interface Failure {
  readonly resource: string;
  readonly error: string;
  readonly at: Moment;
}

interface Counted extends Failure {
  readonly count: number;
  readonly firstAt: Moment;
  /** Whether the resource has been written since. */
  readonly isOver: boolean;
}

/** Kinds of error told. */
const MOST = 3;

/** Failures by resource and kind of error. */
export class Failures {
  readonly #counted = new Map<string, Counted>();

  note(failure: Failure): void {
    const key = `${failure.resource} ${kindOf(failure.error)}`;
    const before = this.#counted.get(key);
    this.#counted.set(key, { ...failure, count: (before?.count ?? 0) + 1, firstAt: before?.firstAt ?? failure.at, isOver: false });
  }

  /** The resource was written. */
  clear(resource: string): void {
    for (const [key, one] of this.#counted) if (one.resource === resource) this.#counted.set(key, { ...one, isOver: true });
  }

  /** All of them. */
  all(): readonly Counted[] {
    return [...this.#counted.values()];
  }
}

/** The failures that concern a pod: those of its machine, since its assignment was made or a while before. */
export function failureMatters(failures: Failures, { node, status, record, pod, at }: Place): readonly Matter[] {
  const begun = pod === '' ? 0 : (record.statuses.find((change) => change.name === status?.name)?.at ?? 0);
  const concern = failures
    .all()
    .filter((one) => one.at >= begun && !(one.count === 1 && one.at === at) && (node === '' || isOn(node, one.resource)))
    .sort((a, b) => a.firstAt - b.firstAt)
    .slice(0, MOST);
  return concern.map((one) => {
    const text = sentenceOf(one, at);
    // What failed for others held nobody up who has his by now.
    const isOthers = status?.isAssigned === true && !one.error.toLowerCase().includes(lastPart(status.identity).toLowerCase());
    return one.isOver || isOthers ? plain(text, rulesOfError(one.error)) : cause(one.firstAt, text, rulesOfError(one.error));
  });
}

function sentenceOf({ resource, error, at, count, firstAt, isOver }: Counted, now: Moment): string {
  const often =
    count === 1 ? `failed at ${humanMoment(at)}` : `failed ${String(count)} times so, from ${humanMoment(firstAt)} to ${humanMoment(at)}`;
  const next = isOver ? '; it has been written since' : at === now ? '' : '; the next event or tick tries again';
  return `MIC’s worker for ${resource} ${often}: ${shortIds(error)}${next}`;
}

/** Errors of one kind differ in ids and numbers. */
function kindOf(error: string): string {
  return /Code="[^"]+"/u.exec(error)?.[0] ?? error.slice(0, 30);
}
