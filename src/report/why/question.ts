/**
 * Questions in words: `token of pod orders at 12:03`, `assignment of pod orders`, `leftover orders-id`, `violation of noRemovalWhileInUse`,
 * `race twoLeaders`, `event 256`, `first nmi-answered[status=500] at 10:00`, `last mic-stopped`.
 */
import { parseDuration } from '../../kernel/time.ts';
import { isInvariantName, INVARIANT_NAMES } from '../../scenarios/schema/claim-names.ts';
import { isRaceClass, RACE_CLASS_NAMES } from '../../scenarios/schema/metric-names.ts';
import type { FactPattern } from '../../scenarios/description/observation.ts';
import { readPattern } from '../../scenarios/schema/fact-pattern.ts';
import { nearestNames } from '../../model/calibration/suggestion.ts';

/** A question as understood. `at` [µs since the start]: what was open then, else the first such thing from then on. */
export type WhyQuestion =
  | { readonly about: 'token' | 'assignment'; readonly pod: string; readonly at: number | undefined }
  | { readonly about: 'leftover'; readonly name: string }
  | { readonly about: 'violation'; readonly invariant: string }
  | { readonly about: 'race'; readonly race: string }
  | { readonly about: 'fact'; readonly which: 'first' | 'last'; readonly pattern: FactPattern; readonly at: number }
  | { readonly about: 'event'; readonly event: number };

/** What came of reading a question. */
export type QuestionReading = { readonly ok: true; readonly question: WhyQuestion } | { readonly ok: false; readonly rule: string };

const FORMS = [
  'token of pod NAME [at TIME]',
  'assignment of pod NAME [at TIME]',
  'leftover [NAME]',
  'violation of INVARIANT',
  'race CLASS',
  'first FACT[field=value] [at TIME], or last',
  'event NUMBER',
] as const;

/** Reads a question. */
export function readQuestion(text: string): QuestionReading {
  const words = text
    .trim()
    .replace(/^why\s+/iu, '')
    .replace(/\?$/u, '');
  const [, about, pod, time] =
    /^(?:not\s+yet\s+)?(token|assignment)\s+(?:of\s+)?(?:pod\s+)?(\S+)(?:\s+(?:at\s+)?(\S+))?$/iu.exec(words) ?? [];
  if (/^(?:token|assignment)(?:\s+of)?(?:\s+pod)?$/iu.test(words)) return { ok: false, rule: unreadable(text, words) };
  if (about !== undefined && pod !== undefined) return aboutPod(about.toLowerCase() as 'token' | 'assignment', pod, time);
  const leftover = /^leftovers?(?:\s+(?:of\s+)?(\S.*))?$/iu.exec(words);
  if (leftover !== null) return { ok: true, question: { about: 'leftover', name: leftover[1] ?? '' } };
  const invariant = /^violation\s+(?:of\s+)?(\S+)$/iu.exec(words)?.[1];
  if (invariant !== undefined) {
    return isInvariantName(invariant)
      ? { ok: true, question: { about: 'violation', invariant } }
      : { ok: false, rule: unknownRule('invariant', invariant, INVARIANT_NAMES) };
  }
  const race = /^race\s+(?:of\s+)?(\S+)$/iu.exec(words)?.[1];
  if (race !== undefined) {
    return isRaceClass(race)
      ? { ok: true, question: { about: 'race', race } }
      : { ok: false, rule: unknownRule('race', race, RACE_CLASS_NAMES) };
  }
  const event = /^event\s+#?(\d+)$/iu.exec(words)?.[1];
  if (event !== undefined) return { ok: true, question: { about: 'event', event: Number(event) } };
  const [, which, facts, from] = /^(first|last)\s+([\w-]+(?:\[[^\]]*\])?)(?:\s+(?:at\s+)?(\S+))?$/iu.exec(words) ?? [];
  if (which !== undefined && facts !== undefined) return aboutFact(which.toLowerCase() as 'first' | 'last', facts, from);
  return { ok: false, rule: unreadable(text, words) };
}

/** What is wrong with a text that is no question, and what would be one. */
function unreadable(text: string, words: string): string {
  const [first = ''] = words.toLowerCase().split(/\s+/u);
  const form = FORMS.find((one) => one.startsWith(`${first} `) || one.includes(`, or ${first}`));
  if (first !== '' && form !== undefined) return `"${text}" is no question yet; ask: ${form}`;
  const near = nearestNames(first, KEYWORDS);
  const meant = first === '' || near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  return first === ''
    ? `what do you want to know? ask: ${FORMS.join('; ')}`
    : `"${text}" is no question I know${meant} Ask: ${FORMS.join('; ')}`;
}

/** First words of questions. */
const KEYWORDS = ['token', 'assignment', 'leftover', 'violation', 'race', 'first', 'last', 'event'] as const;

function unknownRule(what: string, name: string, names: readonly string[]): string {
  const near = nearestNames(name, names);
  return `no ${what} is called "${name}"; ${near.length === 0 ? `there are ${names.join(', ')}` : `did you mean ${near.join(' or ')}?`}`;
}

function aboutPod(about: 'token' | 'assignment', pod: string, time: string | undefined): QuestionReading {
  if (time === undefined) return { ok: true, question: { about, pod, at: undefined } };
  const at = momentOf(time);
  if (at === undefined) return { ok: false, rule: timeRule(time) };
  return { ok: true, question: { about, pod, at } };
}

function aboutFact(which: 'first' | 'last', facts: string, time: string | undefined): QuestionReading {
  const pattern = readPattern(facts);
  if (typeof pattern === 'string') return { ok: false, rule: pattern };
  const at = time === undefined ? 0 : momentOf(time);
  return at === undefined ? { ok: false, rule: timeRule(time ?? '') } : { ok: true, question: { about: 'fact', which, pattern, at } };
}

function timeRule(time: string): string {
  return `"${time}" is no time since the start; write 12:03, 00:12:03.5 or 12m3s`;
}

/** `mm:ss`, `hh:mm:ss` (with a fraction), or a duration, since the start [µs]. */
function momentOf(text: string): number | undefined {
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)$/u.exec(text);
  if (clock === null) return parseDuration(text);
  const [, hours = '0', minutes = '0', seconds = '0'] = clock;
  if (Number(seconds) >= 60 || (text.split(':').length === 3 && Number(minutes) >= 60)) return undefined;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000);
}
