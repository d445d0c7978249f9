/**
 * A run as OTLP/JSON traces: one trace for each asking for a token, as a tracing back end shows requests of real services.
 *
 * Follows opentelemetry-proto `trace/v1` in its JSON mapping (ids in hex, times in nanoseconds as texts, enums as numbers). The root span
 * is the client's `getToken`; under it one span for each stretch of the wait, and the answers of NMI, IMDS and Entra as events. Ids are made from
 * seed and request, so equal runs give equal files.
 */
import { hashString, mix } from '../../kernel/random.ts';
import { LATENCY_PART_MEANING } from '../../model/labels.ts';
import type { LatencyPart } from '../../model/labels.ts';
import type { Stamped } from '../watcher.ts';
import type { RunJournal, TokenSpan } from './run-journal.ts';
import { unixNanos } from './wall-clock.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string } | { readonly boolValue: boolean };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: 1 | 3;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly { readonly timeUnixNano: string; readonly name: string; readonly attributes: readonly Attribute[] }[];
  /** 1 ok, 2 error. */
  readonly status: { readonly code: 1 | 2; readonly message?: string };
}

/** The traces as one export request, ready for `JSON.stringify`. */
export function otlpTraces(journal: RunJournal, run: { readonly seed: string; readonly scenario: string }): object {
  const events = eventsByRequest(journal.facts);
  const byPod = new Map<string, Span[]>();
  for (const token of journal.tokens) {
    const spans = byPod.get(token.pod) ?? [];
    spans.push(...spansOf(token, run.seed, events.get(token.request) ?? []));
    byPod.set(token.pod, spans);
  }
  return {
    resourceSpans: [...byPod].map(([pod, spans]) => ({
      resource: {
        attributes: [
          text('service.name', serviceOf(pod)),
          text('k8s.pod.name', pod),
          text('idflow.scenario', run.scenario),
          text('idflow.seed', run.seed),
        ],
      },
      scopeSpans: [{ scope: { name: 'idflow' }, spans }],
    })),
  };
}

/** Answers that concern one request, on their way back to its client. */
function eventsByRequest(facts: readonly Stamped[]): ReadonlyMap<string, readonly Stamped[]> {
  const found = new Map<string, Stamped[]>();
  for (const stamped of facts) {
    const { fact } = stamped;
    if (fact.type !== 'nmi-answered' && fact.type !== 'token-try-ended' && fact.type !== 'nmi-resolved') continue;
    const request = tokenRequestOf(fact.request);
    const list = found.get(request);
    if (list === undefined) found.set(request, [stamped]);
    else list.push(stamped);
  }
  return found;
}

/** The asking behind a try: clients number their tries after a dot. */
function tokenRequestOf(request: string): string {
  const dot = request.lastIndexOf('.');
  return dot < 0 ? request : request.slice(0, dot);
}

function spansOf(token: TokenSpan, seed: string, answers: readonly Stamped[]): readonly Span[] {
  const traceId = hexId(`${seed}|${token.request}`, 4);
  const rootId = hexId(`${seed}|${token.request}|root`, 2);
  const root: Span = {
    traceId,
    spanId: rootId,
    parentSpanId: '',
    name: 'getToken',
    kind: 3,
    startTimeUnixNano: unixNanos(token.since),
    endTimeUnixNano: unixNanos(token.until),
    attributes: attributesOf(token),
    events: answers.map((stamped) => eventOf(stamped)),
    status: token.end.type === 'token-answered' ? { code: 1 } : { code: 2, message: token.end.reason },
  };
  return [
    root,
    ...token.stretches.map((stretch, n) => stretchSpan(stretch, { traceId, rootId, id: `${seed}|${token.request}|${String(n)}` })),
  ];
}

function stretchSpan(
  stretch: TokenSpan['stretches'][number],
  ids: { readonly traceId: string; readonly rootId: string; readonly id: string },
): Span {
  const meaning = LATENCY_PART_MEANING[stretch.label as LatencyPart] as string | undefined;
  return {
    traceId: ids.traceId,
    spanId: hexId(ids.id, 2),
    parentSpanId: ids.rootId,
    name: stretch.label,
    kind: 1,
    startTimeUnixNano: unixNanos(stretch.from),
    endTimeUnixNano: unixNanos(stretch.to),
    attributes: [text('idflow.waitedFor', meaning ?? stretch.label), number('idflow.event', stretch.event)],
    events: [],
    status: { code: 1 },
  };
}

function attributesOf({ end, pod, ordinal, request }: TokenSpan): readonly Attribute[] {
  const common = [text('idflow.pod', pod), text('idflow.request', request), number('idflow.ordinal', ordinal)];
  if (end.type === 'token-failed') return [...common, number('http.response.status_code', end.status), text('idflow.reason', end.reason)];
  return [
    ...common,
    text('idflow.servedBy', end.servedBy),
    text('idflow.appId', end.appId),
    text('idflow.uti', end.uti),
    { key: 'idflow.first', value: { boolValue: end.isFirst } },
    { key: 'idflow.cachedAtImds', value: { boolValue: end.isCachedAtImds } },
  ];
}

function eventOf({ at, fact, actor }: Stamped): Span['events'][number] {
  const attributes = [text('idflow.actor', actor)];
  if (fact.type === 'nmi-answered') attributes.push(number('http.response.status_code', fact.status), text('idflow.found', fact.found));
  if (fact.type === 'token-try-ended')
    attributes.push(number('http.response.status_code', fact.status), number('idflow.attempt', fact.attempt));
  return { timeUnixNano: unixNanos(at), name: fact.type, attributes };
}

/** Name of the workload a pod belongs to: without the two suffixes a Deployment's pods carry. */
function serviceOf(pod: string): string {
  return pod.replace(/-[a-z0-9]{5,10}-[a-z0-9]{5}$/u, '');
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function number(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } };
}

/** An id of so many 32-bit words in hex, never all zero. */
function hexId(of: string, words: number): string {
  const base = hashString(of);
  const parts = Array.from({ length: words }, (_, n) => mix(base, n + 1));
  return parts
    .map((word, n) => (n === 0 ? word | 1 : word) >>> 0)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}
