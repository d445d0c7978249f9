/** Why an event happened: the chain back to the start, at each event to the parent that arrived last, as reports divide latencies. */
import { formatDuration, formatMoment } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Ancestry, Trace } from '../../kernel/trace.ts';
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
  let node = trace.of(event);
  if (node === undefined) return [`nothing is known of event #${String(event)}`];
  for (let shown = 0; node !== undefined; shown += 1) {
    if (shown === LONGEST_CHAIN) return [...lines, style.faint(`  … and further back; go on with: y #${String(node.event)}`)];
    lines.push(eventLine(node, log, style));
    const { parent, why } = decisive(node, trace);
    for (const enabler of node.enablers) {
      if (enabler.event === parent) continue;
      lines.push(
        style.faint(
          `      also needed #${String(enabler.event)} ${nameOf(enabler.event, log)} (${enabler.label}, there at ${formatMoment(enabler.arrivedAt)})`,
        ),
      );
    }
    lines.push(`    ${style.faint('◄')} ${why}`);
    node = trace.of(parent);
  }
  return lines;
}

/** The parent that decided when an event happened, and what was waited for since. Same rule as the division of latencies. */
function decisive(node: Ancestry, trace: Trace): { readonly parent: number; readonly why: string } {
  const trigger = trace.of(node.trigger);
  const queued = node.enablers.find((enabler) => enabler.mode === 'queue');
  if (queued !== undefined) {
    return { parent: queued.event, why: `lay in a queue since ${formatMoment(queued.arrivedAt)} (${queued.label})` };
  }
  const latest = [...node.enablers].sort((a, b) => b.arrivedAt - a.arrivedAt)[0];
  if (latest !== undefined && (trigger === undefined || latest.arrivedAt > trigger.at)) {
    return { parent: latest.event, why: `saw a revision that arrived at ${formatMoment(latest.arrivedAt)} (${latest.label})` };
  }
  if (trigger === undefined) return { parent: -1, why: 'the world started with it' };
  const held = node.at - node.linkTime - trigger.at;
  const parts = [part(held, node.holdLabel), part(node.linkTime, node.linkLabel)].filter((text) => text !== '');
  return { parent: node.trigger, why: parts.length === 0 ? 'at once' : parts.join(', then ') };
}

function part(time: number, label: string): string {
  return time === 0 ? '' : `${formatDuration(time as Duration)} ${label}`;
}

function eventLine(node: Ancestry, log: EventLog, style: Style): string {
  return `${style.name(`#${String(node.event)}`)} ${formatMoment(node.at)}  ${nameOf(node.event, log)}`;
}

function nameOf(event: number, log: EventLog): string {
  const note = log.of(event);
  if (note === undefined) return 'before this session';
  return note.from === '' || note.from === note.actor ? `${note.actor} ${note.type}` : `${note.from} → ${note.actor} ${note.type}`;
}
