/**
 * A slice of a run as a Mermaid sequence diagram, which GitHub, GitLab and many editors draw.
 *
 * Follows Mermaid's sequence-diagram syntax. Renderers refuse texts above 50,000 characters (`maxTextSize`), so a larger slice is cut
 * there and says how much was left out.
 */
import { formatMoment, seconds } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { humanDuration } from '../duration-text.ts';
import { wrap } from '../text-width.ts';
import { byText } from '../watcher.ts';
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
/** Longest line beside an arrow [characters]; a longer word stands alone. */
const LINE = 26;
/** Nothing said for so long is worth a line of its own. */
const PAUSE = seconds(5);

/** Draws a slice: who is who from left to right in the order of the flow, machines in boxes; then who said what, with its moment. */
export function mermaidDiagram(journal: Pick<RunJournal, 'messages'>, slice: DiagramSlice = {}): string {
  const chosen = choose(journal.messages, slice);
  if (chosen.length === 0) return 'sequenceDiagram\n  participant p0 as nobody\n  Note over p0: nothing was said in this slice\n';
  const { names, lines: head } = participants(new Set(chosen.flatMap(({ from, to }) => [from, to])));
  const everybody = `p0,p${String(names.size - 1)}`;
  const lines: string[] = [];
  let size = head.join('\n').length;
  let last: Moment | undefined;
  for (const [drawn, { from, to, at, message }] of chosen.entries()) {
    const pause = last !== undefined && at - last >= PAUSE ? [`  Note over ${everybody}: ${humanDuration(at - last)} pass`] : [];
    const time = at === last ? '' : `${formatMoment(at)}<br/>`;
    const arrow = isAnswer(message.type) ? '-->>' : '->>';
    const line = `  ${names.get(from) ?? ''}${arrow}${names.get(to) ?? ''}: ${time}${broken(messageWords(message))}`;
    const step = [...pause, line].join('\n');
    if (size + step.length + 1 > MOST_CHARACTERS) {
      lines.push(`  Note over p0: ${String(chosen.length - drawn)} more messages do not fit`);
      break;
    }
    lines.push(step);
    size += step.length + 1;
    last = at;
  }
  return `${[...head, ...lines].join('\n')}\n`;
}

/** Kinds of actors from left to right, as the flow goes; those of one machine stand together. */
const ORDER = ['operator', 'controller-manager', 'scheduler', 'kubelet', 'kube-apiserver', 'mic', 'arm', 'pod', 'iptables', 'nmi', 'imds'];
/** After these come those that the order does not know, then the ends of the flow. */
const ENDS = ['aad', 'service'];
const ON_MACHINE = ['iptables', 'nmi', 'imds'];

function participants(actors: ReadonlySet<string>): { readonly names: ReadonlyMap<string, string>; readonly lines: readonly string[] } {
  const sorted = [...actors].toSorted(
    (a, b) => rankOf(a) - rankOf(b) || byText(machineOf(a), machineOf(b)) || kindRank(a) - kindRank(b) || byText(a, b),
  );
  const names = new Map(sorted.map((actor, index) => [actor, `p${String(index)}`]));
  const lines = ['%%{init: {"sequence": {"width": 165, "actorMargin": 12}}}%%', 'sequenceDiagram'];
  let open = '';
  for (const actor of sorted) {
    const machine = machineOf(actor);
    if (machine !== open) {
      if (open !== '') lines.push('  end');
      if (machine !== '') lines.push(`  box rgb(245,245,245) ${escaped(machine)}`);
      open = machine;
    }
    lines.push(`  participant ${names.get(actor) ?? ''} as ${escaped(labelOf(actor))}`);
  }
  return { names, lines: open === '' ? lines : [...lines, '  end'] };
}

function kindOf(actor: string): string {
  return actor.split('/')[0] ?? actor;
}

/** Machine whose box an actor stands in; `''` for none. */
function machineOf(actor: string): string {
  return ON_MACHINE.includes(kindOf(actor)) ? actor.slice(actor.indexOf('/') + 1) : '';
}

function kindRank(actor: string): number {
  const [kind, known, end] = [kindOf(actor), ORDER.indexOf(kindOf(actor)), ENDS.indexOf(kindOf(actor))];
  if (end >= 0) return ORDER.length + 1 + end;
  return known < 0 || kind === '' ? ORDER.length : known;
}

/** Those on machines have one rank: they are told apart by their machine first. */
function rankOf(actor: string): number {
  return machineOf(actor) === '' ? kindRank(actor) : ORDER.indexOf('iptables');
}

/** `nmi` in the box of its machine; elsewhere kind, namespace and name below each other. */
function labelOf(actor: string): string {
  if (machineOf(actor) !== '' || !actor.includes('/')) return kindOf(actor);
  return actor.split('/').join('<br/>');
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

/** A text in lines that need little room between two participants. */
function broken(text: string): string {
  return wrap(text, LINE).map(escaped).join('<br/>');
}

/** Mermaid ends a statement at `;` and `#` begins an entity. */
function escaped(text: string): string {
  return text.replace(/[#;]/gu, (mark) => (mark === '#' ? '#35;' : '#59;')).replace(/\s+/gu, ' ');
}
