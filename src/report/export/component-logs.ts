/**
 * Logs of MIC and NMI in the form of klog, so that the greps of the documented troubleshooting work on them: `grep ^E` finds errors,
 * `grep req.remote=IP` finds what a pod asked, `grep "matched identityType"` finds whom NMI took it for.
 *
 * Follows klog's header (level, date, time, thread, source file and line; the line is always 0, for there is none) and the keys of aad-pod-identity's lines; the words between are ours.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { redactedClientId } from '../../model/nmi/redaction.ts';
import { handleFact } from '../watcher.ts';
import { CycleStatistics } from './cycle-statistics.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';
import { klogTime } from './wall-clock.ts';

interface Line {
  readonly level: 'I' | 'W' | 'E';
  /** File of the component that says it. */
  readonly source: string;
  readonly text: string;
}

/** Log of each MIC process and each NMI, by actor (`mic/default/mic-…`, `nmi/<node>`), in code-unit order of actors. */
export function componentLogs(facts: readonly Stamped[]): ReadonlyMap<string, string> {
  const logs = new Map<string, string[]>();
  const addresses = new Map<string, string>();
  const ofNmi = nmiLines(addresses);
  const statistics = new Map<string, CycleStatistics>();
  for (const stamped of facts) {
    const { fact, at, actor } = stamped;
    if (fact.type === 'container-started') addresses.set(fact.pod, fact.ip);
    const lines = actor.startsWith('nmi/')
      ? (handleFact(ofNmi, stamped) ?? [])
      : actor.startsWith('mic/')
        ? [handleFact(MIC_LINES, stamped), ...statisticsLines(statistics, stamped)]
        : [];
    const said = lines.filter((one) => one !== undefined);
    if (said.length === 0) continue;
    const log = logs.get(actor) ?? [];
    log.push(...said.map((one) => klogLine(at, one)));
    logs.set(actor, log);
  }
  const sorted = [...logs].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([actor, lines]) => [actor, `${lines.join('\n')}\n`]));
}

/** What MIC prints of each cycle with work, at its end. */
function statisticsLines(statistics: Map<string, CycleStatistics>, stamped: Stamped): readonly Line[] {
  const { actor, at, fact } = stamped;
  const own = statistics.get(actor) ?? new CycleStatistics();
  statistics.set(actor, own);
  own.onFact(stamped);
  return fact.type === 'mic-cycle-ended' ? own.lines(at).map((text) => line('I', 'stats.go', text)) : [];
}

function klogLine(at: Moment, { level, source, text }: Line): string {
  return `${level}${klogTime(at)}       1 ${source}:0] ${text}`;
}

const line = (level: Line['level'], source: string, text: string): Line => ({ level, source, text });

/** What MIC logs of each fact of its own. */
const MIC_LINES: FactHandlers<Line | undefined> = {
  'mic-started': () => line('I', 'main.go', 'starting mic process'),
  'mic-leading': ({ replica }) => line('I', 'leaderelection.go', `${replica} became leader`),
  'mic-caches-synced': () => line('I', 'mic.go', 'CRD, pod and node informers synced'),
  'mic-stopped': ({ reason }) => line('E', 'mic.go', `lost leadership or was ended: ${reason}`),
  'mic-cycle-started': ({ deletes, creates, updates, queued }) =>
    line('I', 'mic.go', `del [${String(deletes)}] add [${String(creates)}] update [${String(updates)}], queued events: ${String(queued)}`),
  'mic-cycle-ended': ({ cycle, took }) => line('I', 'mic.go', `work done: true, cycle ${String(cycle)} took ${seconds(took)}`),
  'mic-worker-started': ({ resource, add, remove }) =>
    line('I', 'mic.go', `processing node ${resource}, add [${String(add.length)}], del [${String(remove.length)}]`),
  'mic-worker-ended': ({ resource, error }) =>
    error === '' ? undefined : line('E', 'mic.go', `updating user-assigned identities on ${resource} failed: ${error}`),
  'mic-name-collision': ({ name, loser }) => line('W', 'mic.go', `assigned identity ${name} is wanted twice; ${loser} does not get it`),
  'mic-reconciled': ({ added, aborted }) =>
    aborted === ''
      ? line('I', 'mic.go', `reconciled identity assignment, added [${String(added)}]`)
      : line('E', 'mic.go', `reconciling identity assignment failed: ${aborted}`),
  'mic-event': ({ level, reason, regarding }) =>
    line(level === 'Warning' ? 'W' : 'I', 'event.go', `Event type: '${level}' reason: '${reason}' ${regarding}`),
  'client-throttled': ({ waited, bucket }) =>
    line('I', 'request.go', `Waited for ${seconds(waited)} due to client-side throttling, bucket: ${bucket}`),
};

/** What NMI logs of each fact of its own. `addresses`: pod IP by pod. */
function nmiLines(addresses: ReadonlyMap<string, string>): FactHandlers<readonly Line[]> {
  return {
    'nmi-phase': ({ phase }) => [line('I', 'main.go', `nmi is ${phase}`)],
    'nmi-resolved': ({ resolved, isExcepted }) => [
      resolved === ''
        ? line('E', 'server.go', 'no pod found for the address of the request')
        : line('I', 'standard.go', `request of pod ${resolved}${isExcepted ? ', which an exception lets through' : ''}`),
    ],
    'nmi-answered': (fact) => answerLines(fact, addresses.get(fact.sender) ?? fact.sender),
  };
}

function answerLines(fact: FactOf<'nmi-answered'>, remote: string): readonly Line[] {
  const { clientId, resource, status, sender, took } = fact;
  const matched = line('I', 'standard.go', `matched identityType:0 clientid:${redactedClientId(clientId)} resource:${resource}`);
  const failed = line('E', 'server.go', `no token for pod:${sender}: ${whyNot(fact)}`);
  const request = `req.method=GET reg.path=/metadata/identity/oauth2/token req.remote=${remote}`;
  const ended = line('I', 'server.go', `status (${String(status)}) took ${String(took * 1000)} ns for ${request}`);
  return [...(clientId === '' ? [] : [matched]), ...(status >= 400 ? [failed] : []), ended];
}

function whyNot({ found, status }: FactOf<'nmi-answered'>): string {
  if (found === 'none') return 'no AzureAssignedIdentity was found';
  if (found === 'Created') return 'its AzureAssignedIdentity stayed in state Created';
  return `status ${String(status)}`;
}

function seconds(micros: number): string {
  return `${String(micros / 1_000_000)}s`;
}
