/**
 * Why in a few sentences: what decided, oldest first, out of the chain of events and of how things stood. Causes that never send a
 * message are only in the latter.
 */
import type { ChainLink } from '../chain.ts';
import { ruleSentence, worthTelling } from '../rules.ts';
import type { Matter } from '../standing/matter.ts';
import { decisiveIn } from './from-chain.ts';
import type { Said } from './from-chain.ts';

/** One matter with the rules behind it, as sentences without full stops. */
export interface ToldMatter {
  readonly text: string;
  readonly rules: readonly string[];
}

/** Causes that are told: the newest of them. */
const MOST = 7;

/** Causes, oldest first, and how things stood otherwise. Each rule is told once. */
export function sortedOut(
  matters: readonly Matter[],
  chain: readonly ChainLink[],
  said: Said,
): { readonly because: readonly ToldMatter[]; readonly standing: readonly ToldMatter[] } {
  const others = [...matters.filter(({ causeSince }) => causeSince !== undefined), ...decisiveIn(chain, said)].toSorted(byBeginning);
  const causes = [...others.slice(Math.max(0, others.length + said.own.length - MOST)), ...said.own].toSorted(byBeginning);
  const told = new Set<string>();
  const tell = (matter: Matter): ToldMatter => {
    const sentences = worthTelling(matter.rules, said.rules).map((rule) => ruleSentence(rule, said.rules));
    const fresh = sentences.filter((sentence) => !told.has(sentence));
    for (const sentence of fresh) told.add(sentence);
    return { text: matter.text, rules: fresh };
  };
  // A rule that stands alone is not told again where it stands behind something.
  const behind = new Set(causes.flatMap(({ rules }) => worthTelling(rules, said.rules).map((rule) => ruleSentence(rule, said.rules))));
  return {
    because: causes.filter(({ text }) => !behind.has(text)).map(tell),
    standing: matters.filter(({ causeSince }) => causeSince === undefined).map(tell),
  };
}

function byBeginning(a: Matter, b: Matter): number {
  return (a.causeSince ?? 0) - (b.causeSince ?? 0);
}
