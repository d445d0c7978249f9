/**
 * A slice of a run as a Mermaid sequence diagram, which GitHub, GitLab and many editors draw.
 *
 * Follows Mermaid's sequence-diagram syntax. Renderers refuse texts above 50,000 characters (`maxTextSize`), so a larger slice is cut
 * there and says how much was left out.
 */
import { formatMoment } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { messageWords } from './message-words.ts';
import type { RunJournal, SentMessage } from './run-journal.ts';

/** Which messages to draw. */
export interface DiagramSlice {
  /** First and last moment. Default: the whole run. */
  readonly from?: Moment;
  readonly to?: Moment;
  /** Actor ids, or their beginnings (`nmi`, `pod/shop`): both ends of an arrow must be among them. Default: everybody. */
  readonly actors?: readonly string[];
  /** `namespace/name` of a pod, or the beginning of it: only what was said by it, to it, or about it, and on behalf of its requests. */
  readonly pod?: string;
}

/** Mermaid's limit [characters], with room for the last note. */
const MOST_CHARACTERS = 49_500;

/** Draws a slice. */
export function mermaidDiagram(journal: Pick<RunJournal, 'messages'>, slice: DiagramSlice = {}): string {
  const chosen = choose(journal.messages, slice);
  const names = new Map<string, string>();
  for (const { from, to } of chosen) for (const actor of [from, to]) if (!names.has(actor)) names.set(actor, `p${String(names.size)}`);
  const head = ['sequenceDiagram', ...[...names].map(([actor, name]) => `  participant ${name} as ${escaped(actor)}`)];
  const lines: string[] = [];
  let size = head.join('\n').length;
  let drawn = 0;
  let shownAt: Moment | undefined;
  for (const { from, to, at, message } of chosen) {
    const [a = '', b = ''] = [names.get(from), names.get(to)];
    const time = at === shownAt ? [] : [`  Note over ${a}: ${formatMoment(at)}`];
    const arrow = isAnswer(message.type) ? '-->>' : '->>';
    const step = [...time, `  ${a}${arrow}${b}: ${escaped(messageWords(message))}`].join('\n');
    if (size + step.length + 1 > MOST_CHARACTERS) break;
    lines.push(step);
    size += step.length + 1;
    shownAt = at;
    drawn += 1;
  }
  const left = chosen.length - drawn;
  if (left > 0) lines.push(`  Note over p0: ${String(left)} more messages do not fit`);
  if (chosen.length === 0) head.push('  participant p0 as nobody', '  Note over p0: nothing was said in this slice');
  return `${[...head, ...lines].join('\n')}\n`;
}

function choose(messages: readonly SentMessage[], { from, to, actors, pod }: DiagramSlice): readonly SentMessage[] {
  const ofPod = pod === undefined ? undefined : eventsAbout(messages, pod);
  const isIn = (actor: string): boolean => actors === undefined || actors.some((name) => actor === name || actor.startsWith(name));
  return messages.filter(
    ({ at, event, from: sender, to: receiver }) =>
      (from === undefined || at >= from) && (to === undefined || at <= to) && isIn(sender) && isIn(receiver) && (ofPod?.has(event) ?? true),
  );
}

/**
 * Events of messages about a pod: those that name it, and those sent because of one that does (NMI's question to IMDS names only the
 * request it was asked).
 */
function eventsAbout(messages: readonly SentMessage[], pod: string): ReadonlySet<number> {
  const about = new Set<number>();
  const name = pod.slice(pod.indexOf('/') + 1);
  for (const { event, trigger, message } of messages) {
    const text = JSON.stringify(message);
    if (text.includes(pod) || text.includes(name) || (about.has(trigger) && isOnBehalf(message.type))) about.add(event);
  }
  return about;
}

/** Messages of the token path: sent in the very turn in which the request arrived, so their trigger names it. */
function isOnBehalf(type: string): boolean {
  return ['MetadataRequest', 'MetadataResponse', 'AadTokenRequest', 'AadTokenResponse', 'ServiceRequest', 'ServiceResponse'].includes(type);
}

function isAnswer(type: string): boolean {
  return type.endsWith('Response') || type.endsWith('Result') || type === 'RulesDone';
}

/** Mermaid ends a statement at `;` and `#` begins an entity. */
function escaped(text: string): string {
  return text.replace(/[#;]/gu, (mark) => (mark === '#' ? '#35;' : '#59;')).replace(/\s+/gu, ' ');
}
