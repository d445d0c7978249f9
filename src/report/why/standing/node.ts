/** How the node of a pod stood at a moment: NMI, its rules and its knowledge, IMDS, probes, volumes. */
import type { Moment } from '../../../kernel/time.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import type { FactOf } from '../../../model/facts/index.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers } from '../../watcher.ts';
import type { Matter, Place } from './matter.ts';
import { isPod, plain, since } from './matter.ts';
import { silent } from './mic.ts';

const MINUTE = 60_000_000;

/** Matters of a node and the pod on it. */
export function mattersOfNode({ record, facts, pod, node, at: now }: Place): readonly Matter[] {
  const found = new Map<string, Matter>();
  const put = (key: string, matter: Matter | undefined): void => {
    if (matter === undefined) found.delete(key);
    else found.set(key, matter);
  };
  let throttled = 0;
  const handlers: FactHandlers<unknown> = {
    'nmi-phase': (fact, { at }) => {
      if (fact.node === node)
        put(
          'nmi',
          fact.phase === 'serving'
            ? undefined
            : plain(
                `NMI on ${node} is ${fact.phase} ${since(at, now)}`,
                fact.phase === 'draining' ? ['nmiCleansRulesOnSigterm', 'nmi.sigterm.wait'] : [],
              ),
        );
    },
    'rules-changed': (fact, { at }) => {
      if (fact.node !== node) return;
      put(
        'rules',
        fact.redirect === 'on'
          ? undefined
          : plain(`the redirect to NMI on ${node} is off ${since(at, now)}, by ${fact.by}: connections go to IMDS`, ['nmiMiscountsRules']),
      );
    },
    'imds-answered': ({ vm, status }, { at }) => {
      if (vm === node && status === 429 && now - at < MINUTE) throttled += 1;
    },
  };
  const ofPod = handlersOfPod(pod, found, put);
  for (const stamped of facts) {
    handleFact(handlers, stamped);
    handleFact(ofPod, stamped);
  }
  const silence = record.silences.findLast((one) => one.watcher === `nmi/${node}` && one.at <= now && now - one.at < MINUTE);
  return [
    ...found.values(),
    ...(silence === undefined ? [] : [silent(`NMI on ${node} had`, silence.table, silence.since)]),
    ...(throttled === 0
      ? []
      : [
          plain(`IMDS of ${node} answered 429 ${String(throttled)} times within a minute`, [
            'imds.rate.identity',
            'imds.concurrency.identity',
          ]),
        ]),
  ];
}

/** What is noted of the pod itself: its volumes, probes, containers, tries and how it was admitted. */
function handlersOfPod(
  pod: string,
  found: ReadonlyMap<string, Matter>,
  put: (key: string, matter: Matter | undefined) => void,
): FactHandlers<unknown> {
  return {
    'volume-setup-ended': (tried, { at }) => {
      if (isPod(tried.pod, pod)) put('volume', tried.error === '' ? undefined : volumeTrouble(tried, at));
    },
    'probe-failed': (fact, { at }) => {
      if (isPod(fact.pod, pod))
        put(
          'probe',
          plain(`the liveness probe of ${fact.pod} failed at ${humanMoment(at)}, ${String(fact.failures)} in a row`, ['app.answersProbes']),
        );
    },
    'container-ended': (fact, { at }) => {
      if (isPod(fact.pod, pod)) put('ended', plain(`a container of ${fact.pod} ended at ${humanMoment(at)}: ${fact.reason}`));
    },
    'token-try-ended': (fact, { at }) => {
      if (isPod(fact.pod, pod) && fact.status <= 0 && !found.has('try'))
        put(
          'try',
          plain(`the first try of ${fact.pod} that nobody answered ended at ${humanMoment(at)}, after ${humanDuration(fact.took)}`),
        );
    },
    'webhook-answered': (fact, { at }) => {
      if (!isPod(fact.pod, pod) || fact.outcome === 'mutated') return;
      put(
        'webhook',
        plain(
          `the webhook of workload identity ${fact.outcome === 'ignored' ? 'was not reached' : 'refused'} when ${fact.pod} was made at ${humanMoment(at)}: ${fact.reason}; a pod that came without its variables stays so`,
          ['wi.webhook.failurePolicy'],
        ),
      );
    },
  };
}

function volumeTrouble({ volume, attempt, error, took }: FactOf<'volume-setup-ended'>, at: Moment): Matter {
  const text = `its containers wait for the volume ${volume}: try ${String(attempt)} failed at ${humanMoment(at)} after ${humanDuration(took)} (${error})`;
  return plain(text, ['volume.backoff.cap']);
}
