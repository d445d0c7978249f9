/** What an event stated, in sentences. */
import { humanDuration } from '../../duration-text.ts';
import type { Stamped } from '../../watcher.ts';
import { factSentence } from './facts.ts';

/** Facts of an event; they stand in order of events, so those of one lie together. */
export function factsOf(facts: readonly Stamped[], event: number): readonly Stamped[] {
  let low = 0;
  for (let high = facts.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((facts[middle]?.event ?? 0) < event) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (facts[end]?.event === event) end += 1;
  return facts.slice(low, end);
}

/** What an event stated, in order; what it stated again and again is told once. */
export function statedIn(facts: readonly Stamped[]): readonly string[] {
  const throttled = facts.flatMap(({ fact }) => (fact.type === 'client-throttled' ? [fact.waited] : []));
  const times = new Map<string, number>();
  for (const stamped of facts) {
    const isOneOfMany = stamped.fact.type === 'client-throttled' && throttled.length > 1;
    const text = isOneOfMany ? throttleWords(throttled) : factSentence(stamped);
    if (text !== undefined) times.set(text, isOneOfMany ? 1 : (times.get(text) ?? 0) + 1);
  }
  return [...times].map(([text, count]) => (count === 1 ? text : `${text} (${String(count)} times)`));
}

function throttleWords(waits: readonly number[]): string {
  const [shortest, longest] = [Math.min(...waits), Math.max(...waits)].map((wait) => humanDuration(wait));
  return `${String(waits.length)} calls waited for its own rate limit, ${shortest ?? ''} to ${longest ?? ''}`;
}
