/**
 * How things stood at the moment a question is about: what was under way, behind, refused or gone. Causes that never send a message, such
 * as a watch that delivers nothing or rules that are not there, are found in no chain of events; they are told here.
 */
import type { Moment } from '../../../kernel/time.ts';
import { humanMoment } from '../../duration-text.ts';
import type { NotedStatus, RunRecord } from '../record.ts';
import { ruleSentence, worthTelling } from '../rules.ts';
import type { RuleContext } from '../rules.ts';
import { mattersOfAzure } from './azure.ts';
import type { Matter, Place } from './matter.ts';
import { isPod, plain, since } from './matter.ts';
import { mattersOfMic } from './mic.ts';
import { mattersOfNode } from './node.ts';

/** One matter with the rules behind it, as sentences without full stops. */
export interface StandingMatter {
  readonly text: string;
  readonly rules: readonly string[];
}

/** Steps of the story that are told. */
const STEPS = 3;

/** How things stood up to an event; `pod`: whom it was about, `''` for nobody. */
export function standingAt(
  record: RunRecord,
  about: { readonly pod: string; readonly at: Moment; readonly event: number },
  rules: RuleContext,
): readonly StandingMatter[] {
  const place = placeOf(record, about);
  const matters: readonly Matter[] = [
    ...storyOf(place),
    ...ofAssignment(place),
    ...mattersOfNode(place),
    ...mattersOfAzure(place),
    ...mattersOfMic(place),
  ];
  const told = new Set<string>();
  return matters.map((matter) => {
    const sentences = worthTelling(matter.rules, rules).map((rule) => ruleSentence(rule, rules));
    const fresh = sentences.filter((sentence) => !told.has(sentence));
    for (const sentence of fresh) told.add(sentence);
    return { text: matter.text, rules: fresh };
  });
}

function placeOf(record: RunRecord, { pod, at, event }: { readonly pod: string; readonly at: Moment; readonly event: number }): Place {
  const facts = record.facts.filter((stamped) => stamped.event <= event);
  const seen = facts.findLast(
    ({ fact }) => (fact.type === 'container-started' || fact.type === 'connection-routed') && isPod(fact.pod, pod),
  )?.fact;
  const node = seen !== undefined && 'node' in seen ? seen.node : '';
  const status = record.statuses.findLast((change) => isPod(change.pod, pod) && change.event <= event);
  return { record, facts, pod, node, identity: (status?.identity ?? '').toLowerCase(), status, at };
}

function storyOf({ facts }: Place): readonly Matter[] {
  const steps = facts.filter(({ fact }) => fact.type === 'story-step').slice(-STEPS);
  return steps.flatMap(({ fact, at }) => (fact.type === 'story-step' ? [plain(`the story at ${humanMoment(at)}: ${fact.text}`)] : []));
}

/** What a state is called. Releases before 1.5 write the object once the cloud is done, and no status. */
function stateWords({ status, isAssigned }: NotedStatus): string {
  if (status !== '') return `is ${status}`;
  return isAssigned ? 'has no status (before 1.5 that means Assigned)' : 'has no status';
}

function ofAssignment({ record, facts, pod, status, at }: Place): readonly Matter[] {
  if (status === undefined) {
    const asksNmi = facts.some(({ fact }) => fact.type === 'nmi-answered' && isPod(fact.sender, pod));
    return asksNmi || (pod !== '' && record.statuses.length > 0) ? [plain('there is no AzureAssignedIdentity of this pod')] : [];
  }
  const ended = facts.findLast(({ fact }) => fact.type === 'container-ended' && isPod(fact.pod, pod) && fact.reason === 'completed');
  const kept = `${status.name} ${stateWords(status)} ${since(status.at, at)}`;
  if (ended !== undefined && status.isAssigned)
    return [
      plain(
        `${kept}, though its pod completed at ${humanMoment(ended.at)}: MIC keeps an assignment as long as the pod is there, in whatever phase (#637)`,
      ),
    ];
  return [plain(kept)];
}
