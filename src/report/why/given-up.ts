/** What NMI or IMDS was doing with a request whose client's own time-out came first. The client hears nothing of it, so no chain leads there. */
import type { Trace } from '../../kernel/trace.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { NotedEvent, RunRecord } from './record.ts';
import { factsOf } from './sentences/index.ts';

/** A request that nobody waits for any more. */
export interface GivenUp {
  /** The last event of it before the client gave up. */
  readonly event: number;
  /** Who had it, and what he was at: a clause without a full stop. */
  readonly text: string;
}

/** What became of the request of a try by the time that its client gave up; undefined for events that are no such time-out. */
export function givenUpAt(
  timeout: NotedEvent,
  { record, trace }: { readonly record: RunRecord; readonly trace: Trace },
): GivenUp | undefined {
  if (timeout.message.type !== 'TryTimeoutDue') return undefined;
  const events = eventsOf(timeout.message.request, timeout.event, { record, trace });
  const last = events.at(-1);
  return last === undefined ? undefined : { event: last.event, text: stateOf(events, record) };
}

/** Events of a request at NMI and behind it: those that carry its id, and those of calls that NMI made for it. */
function eventsOf(
  request: string,
  before: number,
  { record, trace }: { readonly record: RunRecord; readonly trace: Trace },
): readonly NotedEvent[] {
  const ids = new Set([request]);
  const own = new Set<number>();
  const found: NotedEvent[] = [];
  for (const noted of record.events.values()) {
    if (noted.event >= before) break;
    const { message, actor, from } = noted;
    if (!('request' in message) || message.type === 'TryTimeoutDue') continue;
    if (message.type === 'MetadataRequest' && from.startsWith('nmi/') && isCausedBy(noted.event, own, trace)) ids.add(message.request);
    if (!ids.has(message.request)) continue;
    own.add(noted.event);
    if (!actor.startsWith('pod/')) found.push(noted);
  }
  return found;
}

function isCausedBy(event: number, own: ReadonlySet<number>, trace: Trace): boolean {
  return own.has(trace.of(event)?.trigger ?? -1);
}

function stateOf(events: readonly NotedEvent[], record: RunRecord): string {
  const last = events.at(-1);
  if (last === undefined) return 'nobody had it';
  const facts = events.flatMap(({ event }) => factsOf(record.facts, event).map(({ fact }) => fact));
  const routed = facts.find((fact) => fact.type === 'connection-routed');
  const node = last.actor.slice(last.actor.indexOf('/') + 1);
  if (routed?.to === 'dropped') return `its connection on ${node} was dropped, and nobody had heard of it`;
  if (!events.some(({ actor }) => actor.startsWith('nmi/'))) return `IMDS of ${node} had not answered yet`;
  return `NMI on ${node} was still at it: ${atNmi(
    events,
    facts.find((fact) => fact.type === 'nmi-resolved'),
  )}`;
}

function atNmi(events: readonly NotedEvent[], resolved: FactOf<'nmi-resolved'> | undefined): string {
  const last = events.at(-1)?.message;
  const answer = events.findLast(({ message }) => message.type === 'MetadataResponse')?.message;
  const said = answer?.type === 'MetadataResponse' ? `, which had answered ${String(answer.status)} before` : '';
  if (last?.type === 'MetadataRequest' && events.at(-1)?.from.startsWith('nmi/') === true) return `it waited for an answer of IMDS${said}`;
  if (said !== '') return `it was about to ask IMDS again${said}`;
  if (resolved === undefined) return 'it did not know yet which pod had the address';
  const pod = resolved.resolved === '' ? 'the pod' : resolved.resolved;
  return `it had found no assigned identity for ${pod}${resolved.resolved === resolved.sender ? '' : ', for which it took the sender'}`;
}
