/** How the node of a pod stood at a moment: NMI, its rules and its knowledge, IMDS, probes, volumes. */
import type { Moment } from '../../../kernel/time.ts';
import { actorWords } from '../../actor-words.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { counted } from '../../value-text.ts';
import type { FactOf } from '../../../model/facts/index.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers } from '../../watcher.ts';
import type { Matter, Place } from './matter.ts';
import { cause, isPod, plain, since } from './matter.ts';
import { silent } from './mic.ts';

const MINUTE = 60_000_000;

/** Matters of a node and the pod on it. */
export function mattersOfNode(place: Place): readonly Matter[] {
  const { record, facts, node, at: now } = place;
  const found = new Map<string, Matter>();
  const put = (key: string, matter: Matter | undefined): void => {
    if (matter === undefined) found.delete(key);
    else found.set(key, matter);
  };
  const handlers = [handlersOfNode(place, put), handlersOfPod(place, { found, put })];
  for (const stamped of facts) for (const handler of handlers) handleFact(handler, stamped);
  const off = found.get('rules');
  if (off !== undefined) found.set('rules', { ...off, rules: found.has('nmi') ? ['nmiCleansRulesOnSigterm'] : ['nmiMiscountsRules'] });
  const other = takenForAnother(place);
  const silence = record.silences.findLast((one) => one.watcher === `nmi/${node}` && one.at <= now && now - one.at < MINUTE);
  // Whom NMI knows all the same, that does not concern.
  const matters = silence !== undefined && (!place.isServed || other !== undefined);
  return [
    ...found.values(),
    ...withoutNmi(place),
    ...withoutAddress(place),
    ...micForAPod(place),
    ...(other === undefined || record.network !== 'kubenet' ? [] : [onSharedBridge(other)]),
    ...(!matters ? [] : [silent(`NMI on ${node} had`, silence.table, silence.since)]),
    ...throttled(place),
  ];
}

type Put = (key: string, matter: Matter | undefined) => void;

function handlersOfNode({ node, at: now }: Place, put: Put): FactHandlers<unknown> {
  return {
    'nmi-phase': (fact, { at }) => {
      if (fact.node !== node || at === now) return;
      if (fact.release !== undefined) {
        const text = `NMI on ${node} is of release ${fact.release} ${since(at, now)}, with the defaults of that release and not of the installed one`;
        put('release', cause(at, text));
      }
      const rules = fact.phase === 'draining' ? (['nmi.sigterm.wait'] as const) : [];
      const text = `NMI on ${node} ${PHASES[fact.phase]} ${since(at, now)}`;
      put('nmi', fact.phase === 'serving' ? undefined : cause(at, text, rules));
    },
    'rules-changed': (fact, { at }) => {
      if (fact.node !== node) return;
      const text = `the redirect to NMI on ${node} is off ${since(at, now)}, by ${actorWords(fact.by)}: new connections go to IMDS`;
      put('rules', fact.redirect === 'on' ? undefined : cause(at, text));
    },
  };
}

const PHASES: Readonly<Record<FactOf<'nmi-phase'>['phase'], string>> = {
  starting: 'is starting',
  syncing: 'fills its caches and does not serve yet',
  serving: 'serves',
  draining: 'has been told to end (SIGTERM) and serves for its last seconds,',
  dead: 'is dead',
};

/** A connection that nothing caught, on a node where NMI has not been yet. */
function withoutNmi({ record, facts, node, pod }: Place): readonly Matter[] {
  const routed = facts.findLast(({ fact }) => fact.type === 'connection-routed' && isPod(fact.pod, pod));
  const isPast = routed?.fact.type === 'connection-routed' && routed.fact.to === 'imds' && routed.fact.network === 'pod';
  const isElsewhere = record.facts.some(({ fact }) => fact.type === 'nmi-phase');
  const isHere = facts.some(({ fact }) => (fact.type === 'nmi-phase' || fact.type === 'rules-changed') && fact.node === node);
  if (!isPast || !isElsewhere || isHere) return [];
  return [
    cause(
      routed.at,
      `NMI has not begun on ${node} yet, so no rule sends connections to it; nothing but a taint keeps pods away until then`,
    ),
  ];
}

/** NMI knows no pod with the address, for nobody has told the API server of it yet. */
function withoutAddress({ record, facts, pod, isUnknown, at: now }: Place): readonly Matter[] {
  const answered = facts.findLast(({ fact }) => fact.type === 'nmi-answered' && isPod(fact.sender, pod));
  if (!isUnknown || answered?.fact.type !== 'nmi-answered' || answered.fact.status !== 500 || answered.fact.pod !== '') return [];
  const started = facts.findLast(({ fact }) => fact.type === 'container-started' && isPod(fact.pod, pod));
  const published = [...record.events.values()].some(
    ({ message, event }) =>
      event <= answered.event && message.type === 'PodStepDue' && message.step === 'publishIp' && isPod(message.pod, pod),
  );
  if (started === undefined || published) return [];
  const text = `the address of ${pod} is not known at the API server yet, ${humanDuration(now - started.at)} after its container started: the kubelet tells of it later, and until then NMI finds no pod for it`;
  return [cause(started.at, text, ['pod.ipVisibleLag'])];
}

/** When NMI last took the pod for another one, if it did so when it last looked. */
function takenForAnother({ facts, pod }: Place): { readonly at: Moment; readonly fact: FactOf<'nmi-resolved'> } | undefined {
  const resolved = facts.findLast(({ fact }) => fact.type === 'nmi-resolved' && isPod(fact.sender, pod));
  if (resolved?.fact.type !== 'nmi-resolved' || resolved.fact.resolved === '' || resolved.fact.resolved === resolved.fact.sender)
    return undefined;
  return { at: resolved.at, fact: resolved.fact };
}

function onSharedBridge({ at, fact }: { readonly at: Moment; readonly fact: FactOf<'nmi-resolved'> }): Matter {
  const text =
    'NMI knows its callers by their source address alone, and on kubenet the pods of a node share a bridge: ' +
    `one that may send raw packets answers there for the address of another, as ${fact.sender} does for that of ${fact.resolved}`;
  return cause(at, text);
}

/** NMI does not know MIC for what it is. */
function micForAPod({ facts, pod }: Place): readonly Matter[] {
  const resolved = facts.findLast(({ fact }) => fact.type === 'nmi-resolved' && isPod(fact.sender, pod));
  if (resolved?.fact.type !== 'nmi-resolved' || resolved.fact.isExcepted) return [];
  const { sender } = resolved.fact;
  if (!facts.some(({ fact }) => fact.type === 'mic-started' && fact.replica === `mic/${sender}`)) return [];
  const text =
    `NMI took ${sender}, which is MIC, for a pod like any other, that needs an assignment to get a token: it lets MIC pass by a name ` +
    'that begins with mic in one namespace, or by an AzurePodIdentityException in that of the pod';
  return [cause(resolved.at, text, ['nmi.micNamespace'])];
}

function throttled({ facts, node, at: now }: Place): readonly Matter[] {
  const refused = facts.filter(
    ({ fact, at }) => fact.type === 'imds-answered' && fact.vm === node && fact.status === 429 && now - at < MINUTE,
  );
  const first = refused[0];
  if (first === undefined) return [];
  const text = `IMDS of ${node} answered 429 ${counted(refused.length, 'time')} within a minute, to all pods of the node together; NMI keeps no tokens, so each need of each pod is a request`;
  return [cause(first.at, text, ['imds.rate.identity', 'imds.concurrency.identity'])];
}

/** What is noted of the pod itself: its volumes, probes, containers, tries and how it was admitted. */
function handlersOfPod(
  { pod, at: now, facts }: Place,
  { found, put }: { readonly found: ReadonlyMap<string, Matter>; readonly put: Put },
): FactHandlers<unknown> {
  const hasToken = facts.some(({ fact }) => fact.type === 'token-answered' && isPod(fact.pod, pod));
  const isCutOff = facts.some(({ fact }) => fact.type === 'token-failed' && fact.reason === 'unavailable' && isPod(fact.pod, pod));
  return {
    'volume-setup-ended': (tried, { at }) => {
      if (isPod(tried.pod, pod)) put('volume', tried.error === '' ? undefined : volumeTrouble(tried, at));
    },
    'probe-failed': (fact, { at }) => {
      if (!isPod(fact.pod, pod)) return;
      const text = `the liveness probe of ${fact.pod} failed at ${humanMoment(at)}, ${String(fact.failures)} in a row${hasToken ? '' : '; it has had no token yet'}`;
      put('probe', cause(at, text, ['app.answersProbes']));
    },
    'container-ended': (fact, { at }) => {
      if (isPod(fact.pod, pod) && at !== now) put('ended', plain(`a container of ${fact.pod} ended at ${humanMoment(at)}: ${fact.reason}`));
    },
    'token-try-ended': (fact, { at }) => {
      if (!isPod(fact.pod, pod) || fact.status > 0 || found.has('try')) return;
      const text = `the first try of ${fact.pod} that nobody answered ended at ${humanMoment(at)}, after ${humanDuration(fact.took)}`;
      const kept = '; its client keeps that for the life of the process: it asks nobody any more';
      put('try', isCutOff ? cause(at, `${text}${kept}`) : plain(text));
    },
    'token-proxy-phase': (fact, { at }) => {
      if (!isPod(fact.pod, pod)) return;
      const text = `the proxy sidecar of ${fact.pod}, which comes last among its containers, starts ${since(at, now)} and does not serve yet: nobody listens where its requests go`;
      put('proxy', fact.phase === 'serving' ? undefined : cause(at, text, ['wi.proxy.order', 'wi.proxy.start']));
    },
    'webhook-answered': (fact, { at }) => {
      if (!isPod(fact.pod, pod) || fact.outcome === 'mutated') return;
      put(
        'webhook',
        cause(
          at,
          `the webhook of workload identity ${fact.outcome === 'ignored' ? 'was not reached' : 'refused'} when ${fact.pod} was made at ${humanMoment(at)}: ${fact.reason}; a pod that came without its variables stays so, a new one is needed`,
          ['wi.webhook.failurePolicy'],
        ),
      );
    },
  };
}

function volumeTrouble({ volume, attempt, error, took }: FactOf<'volume-setup-ended'>, at: Moment): Matter {
  const text = `the containers wait for the volume ${volume}: try ${String(attempt)} failed at ${humanMoment(at)} after ${humanDuration(took)} (${error})`;
  return cause(at, text, ['volume.backoff.cap']);
}
