/** Askings of applications for tokens: when they began, how they ended, and what a pod had where none was open. */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { humanMoment } from '../duration-text.ts';
import type { Stamped } from '../watcher.ts';

/** A token that somebody got, or gave up. */
export interface EndedToken {
  readonly at: Moment;
  readonly event: number;
  readonly fact: FactOf<'token-answered'> | FactOf<'token-failed'>;
}

/** One asking. */
export interface Asking {
  readonly pod: string;
  readonly at: Moment;
  /** Undefined where nothing ended it but the end of the container, or of the run. */
  readonly end: EndedToken | undefined;
  /** Until when somebody waited [µs]; Infinity: to the end of the run. */
  readonly until: number;
}

/** Tokens that these pods got or gave up, in order; `undefined` for other facts. */
export function endedIn({ fact, at, event }: Stamped, pods: ReadonlySet<string>): EndedToken | undefined {
  return (fact.type === 'token-answered' || fact.type === 'token-failed') && pods.has(fact.pod) ? { fact, at, event } : undefined;
}

/** The asking of these pods that was open at a moment; the oldest of several. */
export function openAt(moment: number, pods: ReadonlySet<string>, facts: readonly Stamped[]): Asking | undefined {
  for (const { fact, at } of facts) {
    if (at > moment) return undefined;
    if (fact.type !== 'token-asked' || !pods.has(fact.pod)) continue;
    const asking = askingOf(fact, at, facts);
    if (asking.until > moment) return asking;
  }
  return undefined;
}

function askingOf({ pod, request }: FactOf<'token-asked'>, at: Moment, facts: readonly Stamped[]): Asking {
  const own = new Set([pod]);
  for (const stamped of facts) {
    if (stamped.at < at) continue;
    const end = endedIn(stamped, own);
    if (end?.fact.request === request) return { pod, at, end, until: end.at };
    if (stamped.fact.type === 'container-ended' && stamped.fact.pod === pod) return { pod, at, end: undefined, until: stamped.at };
  }
  return { pod, at, end: undefined, until: Infinity };
}

/** That a pod was waiting for no token at a moment, and since when it had one: a clause without a full stop. */
export function noneOpenWords(moment: number, pod: string, facts: readonly Stamped[]): string {
  const own = new Set([pod]);
  const got = facts.findLast(
    (one) => one.at <= moment && one.fact.type === 'token-answered' && one.fact.pod === pod && one.fact.servedBy !== 'clientCache',
  );
  const isGone = facts.some(
    ({ fact, at }) => fact.type === 'container-ended' && fact.pod === pod && at <= moment && at >= (got?.at ?? Infinity),
  );
  const begun = `at ${humanMoment(moment)} ${pod} was waiting for no token`;
  if (got === undefined || isGone) return begun;
  const fromCache = facts.some((one) => {
    const end = one.at >= got.at ? endedIn(one, own) : undefined;
    return end?.fact.type === 'token-answered' && end.fact.servedBy === 'clientCache';
  });
  return `${begun}: it had one ${fromCache ? 'in its own cache ' : ''}since ${humanMoment(got.at)}`;
}
