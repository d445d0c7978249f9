/** Why an event happened: the chain back to the start, at each event to the parent that arrived last, as reports divide latencies. */
import { formatMoment } from '../../kernel/time.ts';
import type { Ancestry, Cause, Trace } from '../../kernel/trace.ts';
import { humanDuration } from '../../report/duration-text.ts';
import { eventSentence } from '../../report/why/index.ts';
import type { Style } from '../style.ts';
import type { EventLog } from './log.ts';

/** Links of the chain that are shown before it is cut off. */
const LONGEST_CHAIN = 25;

/** Lines that explain an event. */
export function causeLines(
  event: number,
  { trace, log, style }: { readonly trace: Trace; readonly log: EventLog; readonly style: Style },
): readonly string[] {
  const lines: string[] = [];
  let shown = 0;
  for (const { node, cause } of trace.walk(event)) {
    if (shown === LONGEST_CHAIN) return [...lines, style.faint(`  … and further back; go on with: y #${String(node.event)}`)];
    shown += 1;
    lines.push(eventLine(node, log, style));
    for (const enabler of node.enablers) {
      if (enabler.event === cause.parent) continue;
      lines.push(
        style.faint(
          `      also needed #${String(enabler.event)} ${nameOf(enabler.event, log)} (${enabler.label}, there at ${formatMoment(enabler.arrivedAt)})`,
        ),
      );
    }
    lines.push(`    ${style.faint('◄')} ${decisive(cause)}`);
  }
  if (lines.length === 0) return [`nothing is known of event #${String(event)}`];
  return lines;
}

/** How it came about that the event happened when it did. */
function decisive({ by, enabler, waits }: Cause): string {
  if (by === 'unknown') return 'the world started with it';
  if (enabler !== undefined) {
    const arrived = `${formatMoment(enabler.arrivedAt)} (${enabler.label})`;
    if (by === 'condition') return `had tried in vain until ${arrived}`;
    return by === 'queue' ? `lay in a queue since ${arrived}` : `saw a revision that arrived at ${arrived}`;
  }
  const parts = waits
    .toReversed()
    .map(({ label, from, to }) => part(to - from, label))
    .filter((text) => text !== '');
  return parts.length === 0 ? 'at once' : parts.join(', then ');
}

function part(time: number, label: string): string {
  return time === 0 ? '' : `${humanDuration(time)} ${label}`;
}

function eventLine(node: Ancestry, log: EventLog, style: Style): string {
  return `${style.name(`#${String(node.event)}`)} ${formatMoment(node.at)}  ${nameOf(node.event, log)}`;
}

/** What happened, in the words of `idflow why`, and the name of the message, by which it can be found. */
function nameOf(event: number, log: EventLog): string {
  const note = log.of(event);
  return note === undefined ? 'before this session' : `${eventSentence(note)} (${note.message.type})`;
}
