/**
 * What in a chain decided: steps of the story, refusals and detours on the way, waits that only a rule explains, and faults of the
 * release. Each kind is told once, with how often it came.
 */
import type { Fact, FactType } from '../../../model/facts/index.ts';
import type { Moment } from '../../../kernel/time.ts';
import { actorWords } from '../../actor-words.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { counted } from '../../value-text.ts';
import type { Stamped } from '../../watcher.ts';
import type { ChainLink } from '../chain.ts';
import type { RunRecord } from '../record.ts';
import { cause } from '../standing/matter.ts';
import type { Matter } from '../standing/matter.ts';
import { isBehaviour, ruleSentence, rulesOf, rulesOfMessage, rulesOfWait, worthTelling } from '../rules.ts';
import type { Rule, RuleContext } from '../rules.ts';
import { eventSentence, factSentence, factsOf } from '../sentences/index.ts';

/** Something in a chain that decided, and how often it came in a row. */
interface Decisive {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  readonly rules: readonly Rule[];
  readonly times: number;
  readonly lastAt: number;
}

/** Facts that say by themselves what went another way than hoped, under a condition. */
const TELLING: { readonly [T in FactType]?: (fact: Extract<Fact, { readonly type: T }>) => boolean } = {
  'connection-routed': ({ to }) => to !== 'nmi',
  'nmi-resolved': ({ sender, resolved }) => sender !== resolved,
  'nmi-answered': ({ status, identity, namespace }) => status >= 400 || (identity !== '' && !identity.startsWith(`${namespace}/`)),
  'imds-answered': ({ status }) => status >= 400,
  'aad-token-refused': () => true,
  'nmi-upstream-ended': ({ operation, status }) => operation === 'adal_token' && status === 0,
  'service-answered': ({ status }) => status >= 400,
  'arm-answered': ({ status }) => status >= 400,
  'pool-scaled': ({ why }) => why === 'refused' || why === 'notProvisioned',
  'mic-stopped': () => true,
  'container-ended': ({ reason }) => reason.startsWith('iptables'),
};

/** What a chain is told beside. */
export interface Said {
  readonly record: RunRecord;
  readonly rules: RuleContext;
  /** What is said already. */
  readonly answer: string;
  /** From when on waits count [µs]. */
  readonly since: number;
  /** Causes that are known beside, and told in any case. */
  readonly own: readonly Matter[];
}

/** Matters of a chain, oldest first. */
export function decisiveIn(chain: readonly ChainLink[], { record, rules: context, answer, since }: Said): readonly Matter[] {
  const found = new Map<string, Decisive>();
  const put = (one: Omit<Decisive, 'times' | 'lastAt'>): void => {
    const before = found.get(one.key);
    found.set(
      one.key,
      before === undefined ? { ...one, times: 1, lastAt: one.at } : { ...before, times: before.times + 1, lastAt: one.at },
    );
  };
  for (const link of chain) {
    // What NMI answers when its client has hung up is no outcome of its looks.
    const isHungUp = record.events.get(link.event)?.message.type === 'ConnectionClosed';
    const facts = factsOf(record.facts, link.event).filter(({ fact }) => !isHungUp || fact.type !== 'nmi-answered');
    for (const one of [...ofStory(link, record), ...ofWaits(link, record), ...ofMessage(link, record), ...facts.flatMap(ofFact)]) {
      const rules = worthTelling(one.rules, context);
      // What the answer says already is not said again; its rules are.
      const isTold = one.isTelling && !answer.includes(one.text);
      if (isTold) put({ key: one.key, at: link.atUs, text: one.text, rules });
      else for (const rule of rules) if (one.isTelling || isBehaviour(rule)) put({ key: rule, at: link.atUs, text: '', rules: [rule] });
    }
  }
  return [...[...found.values()].map((one) => matterOf(one, context)), ...longWaits(chain, record, since)];
}

/** Share of a wait from which on it is worth a word [1], and length [µs]. */
const GREAT = 0.2;
const LONG = 1_000_000;

/** Where something came about after all: what took the time. */
function longWaits(chain: readonly ChainLink[], record: RunRecord, since: number): readonly Matter[] {
  const last = chain.at(-1);
  if (last === undefined || !isGood(last.event, record)) return [];
  const sums = new Map<string, number>();
  for (const { atUs, waited } of chain) {
    let to = atUs;
    for (const { meaning, part, tookUs } of waited.toReversed()) {
      const from = Math.max(to - tookUs, since);
      if (!IDLE.has(part) && to > from) sums.set(meaning, (sums.get(meaning) ?? 0) + to - from);
      to -= tookUs;
    }
  }
  const total = [...sums.values()].reduce((sum, time) => sum + time, 0);
  const great = [...sums].filter(([, time]) => time >= LONG && time >= GREAT * total).toSorted((a, b) => b[1] - a[1]);
  if (great.length === 0) return [];
  const parts = great.map(([meaning, time]) => `${meaning} ${humanDuration(time)}`);
  return [cause(last.atUs as Moment, `the longest waits, of ${humanDuration(total)} in all: ${parts.join(', ')}`)];
}

const IDLE: ReadonlySet<string> = new Set(['idle', 'appRetry']);

/** Whether an event was what somebody had waited for: a token, an assignment, or the end of a cycle. */
function isGood(event: number, { facts, statuses }: RunRecord): boolean {
  return (
    factsOf(facts, event).some(({ fact }) => fact.type === 'token-answered' || fact.type === 'mic-cycle-ended') ||
    statuses.some((change) => change.event === event && change.isAssigned)
  );
}

function matterOf({ at, text, rules, times, lastAt }: Decisive, context: RuleContext): Matter {
  if (text === '') {
    const sentences = rules.map((rule) => `${isBehaviour(rule) ? '' : 'rule: '}${ruleSentence(rule, context)}`);
    return cause(at as Moment, sentences.join('; '));
  }
  const often = times === 1 ? '' : `, and ${counted(times - 1, 'time')} more until ${humanMoment(lastAt)}`;
  return cause(at as Moment, `at ${humanMoment(at)}${often}: ${text}`, rules);
}

interface Candidate {
  readonly key: string;
  readonly text: string;
  readonly rules: readonly Rule[];
  readonly isTelling: boolean;
}

/** What somebody did that began it. */
function ofStory({ event, sentence }: ChainLink, record: RunRecord): readonly Candidate[] {
  return record.events.get(event)?.message.type === 'StoryDue' ? [{ key: sentence, text: sentence, rules: [], isTelling: true }] : [];
}

/** Waits that a rule explains: of MIC for something that begins a cycle, of anybody for a watch that delivers nothing. */
function ofWaits({ waited, actor, event, stated, isRest }: ChainLink, record: RunRecord): readonly Candidate[] {
  const tried = factsOf(record.facts, event).find(({ fact }) => fact.type === 'token-try-ended' && fact.status === -1)?.fact;
  if (tried?.type === 'token-try-ended') {
    const text = `the client waits no longer than ${humanDuration(tried.took)} for an answer, and hung up; ${stated.at(-1) ?? ''}`;
    return [{ key: tried.type, text, rules: [], isTelling: true }];
  }
  return waited.flatMap(({ part, tookUs }): readonly Candidate[] => {
    const [who, time] = [actorWords(actor), humanDuration(tookUs)];
    const rules = isRest ? [] : rulesOfWait(part, tookUs);
    if (rules.length === 0) return [];
    const text =
      part === 'watch'
        ? `a watch had delivered nothing to ${who} for ${time}, and it had not noticed`
        : `${who} had begun no cycle for it in ${time}`;
    return [{ key: `${actor} ${part}`, text, rules, isTelling: true }];
  });
}

function ofMessage({ event }: ChainLink, record: RunRecord): readonly Candidate[] {
  const noted = record.events.get(event);
  if (noted === undefined) return [];
  const rules = rulesOfMessage(noted.message);
  return rules.length === 0
    ? []
    : [{ key: noted.message.type, text: eventSentence(noted), rules, isTelling: noted.actor.startsWith('iptables/') }];
}

function ofFact(stamped: Stamped): readonly Candidate[] {
  const { fact } = stamped;
  const rules = rulesOf(stamped);
  const isTelling = (TELLING[fact.type] as ((fact: Fact) => boolean) | undefined)?.(fact) === true;
  if (!isTelling && rules.length === 0) return [];
  const status = 'status' in fact ? String(fact.status) : '';
  return [{ key: `${fact.type} ${status}`, text: factSentence(stamped) ?? '', rules, isTelling }];
}
