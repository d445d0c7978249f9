/** How Azure stood at a moment towards the identity of a pod: on its machine or not, deleted, made again, an outage. */
import { ORIGIN } from '../../../kernel/time.ts';
import { actorWords } from '../../actor-words.ts';
import { humanDuration, humanMoment } from '../../duration-text.ts';
import { lastPart } from '../../value-text.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers } from '../../watcher.ts';
import type { Rule } from '../rules.ts';
import { removalWords } from '../sentences/mic-words.ts';
import type { Matter, Place } from './matter.ts';
import { cause, isOn, isPod, plain } from './matter.ts';

/** Matters of Azure. */
export function mattersOfAzure(place: Place): readonly Matter[] {
  const found = new Map<string, Matter>();
  const handlers = [ofCarrier(place, found), ofIdentity(place, found)];
  for (const stamped of place.facts) for (const handler of handlers) handleFact(handler, stamped);
  if (!found.has('off')) found.delete('decided');
  return [...found.values(), ...unknownToImds(place, found), ...credentials(place)];
}

/** What happened to the identity on the pod’s VM or scale set. */
function ofCarrier({ node, identity, isRefused, at: now }: Place, found: Map<string, Matter>): FactHandlers<unknown> {
  const isIt = (id: string): boolean => identity !== '' && id.toLowerCase() === identity;
  // Who has its token does not suffer from what was before.
  const put = (at: number, text: string, rules: readonly Rule[] = []): Matter =>
    isRefused || at === now ? cause(at as Place['at'], text, rules) : plain(text, rules);
  return {
    'arm-operation-ended': ({ client, resource, added, removed, outcome }, { at }) => {
      if (outcome !== 'Succeeded' || !isOn(node, resource)) return;
      const [what, where] = [lastPart(identity), lastPart(resource)];
      if (removed.some(isIt)) {
        const again = found.has('off') ? ', not for the first time' : '';
        found.set('off', put(at, `${actorWords(client)} took ${what} off ${where} at ${humanMoment(at)}${again}`, ['micReconciles']));
        found.delete('on');
      }
      if (added.some(isIt)) {
        const text = `${actorWords(client)} put ${what} on ${where} at ${humanMoment(at)}`;
        found.set('on', found.has('off') ? put(at, text) : plain(text));
      }
    },
    'mic-removal-decided': (fact, { at }) => {
      if (isIt(fact.identity) && fact.verdict === 'remove')
        found.set('decided', put(at, `at ${humanMoment(at)} ${removalWords(fact)}`, ['micCountsUsersAcrossScaleSet']));
    },
    'identity-reference-stale': ({ resource, identity: id }, { at }) => {
      if (!isIt(id) || !isOn(node, resource)) return;
      const text = `${lastPart(id)} was made again under its name; from ${humanMoment(at)} on ${lastPart(resource)} refers to the one that is gone, and MIC sees the name there and writes nothing`;
      found.set('stale', cause(at, text));
    },
  };
}

/** What happened to the identity itself, and to Entra. */
function ofIdentity({ identity, at: now, isRefused }: Place, found: Map<string, Matter>): FactHandlers<unknown> {
  return {
    'principal-deleted': ({ resourceId }, { at }) => {
      if (identity === '' || resourceId.toLowerCase() !== identity) return;
      const text = `${lastPart(resourceId)} was deleted at ${humanMoment(at)}`;
      found.set(
        'deleted',
        isRefused
          ? cause(at, text)
          : cause(at, `${text}; tokens that IMDS or a pod has of it live on`, ['mi.deleted.tokenAcceptedUntilExp', 'mi.token.lifetime']),
      );
    },
    'entra-outage-began': ({ until }, { at }) => {
      if (now <= until)
        found.set(
          'outage',
          cause(
            at,
            `Entra fails since ${humanMoment(at)}, until ${humanMoment(until)}: nobody gets a new token, MIC for ARM as little as pods`,
            ['entra.outage.duration'],
          ),
        );
    },
  };
}

/** After so long IMDS has heard of any change, unless it holds on to what was before [µs]. */
const HEARD = 120_000_000;

/** IMDS of the pod’s node does not know an identity that ARM has on its machine. */
function unknownToImds({ facts, pod, identity }: Place, found: ReadonlyMap<string, Matter>): readonly Matter[] {
  const answered = facts.findLast(({ fact }) => fact.type === 'imds-answered' && isPod(fact.sender, pod));
  const on = found.get('on')?.causeSince;
  if (answered?.fact.type !== 'imds-answered' || on === undefined || found.has('deleted') || found.has('stale')) return [];
  if (answered.fact.status !== 400 || !answered.fact.error.includes('not found')) return [];
  const text = `IMDS of ${answered.fact.vm} does not know ${lastPart(identity)} at ${humanMoment(answered.at)}, ${humanDuration(answered.at - on)} after ARM had it again`;
  return [
    answered.at - on < HEARD
      ? cause(answered.at, `${text}: it hears of changes later than ARM`, ['imds.assign.visibleAt'])
      : cause(answered.at, `${text}: it still asks by the entry of before the removal, which is gone`, ['imds.staleIdentityBug.prob']),
  ];
}

/** Federated credentials of the service account that was last shown to Entra. */
function credentials({ record, facts }: Place): readonly Matter[] {
  const shown = facts.findLast(({ fact }) => fact.type === 'aad-token-refused' || fact.type === 'aad-token-issued')?.fact;
  const subject = shown?.type === 'aad-token-refused' || shown?.type === 'aad-token-issued' ? shown.federatedSubject : undefined;
  if (subject === undefined) return [];
  const put = (at: Place['at'], text: string): Matter => (shown?.type === 'aad-token-refused' ? cause(at, text) : plain(text));
  const trusts = record.credentialsFor(subject);
  if (trusts.length === 0) return [put(ORIGIN, `no federated credential names ${subject}`)];
  return trusts.map((trust) => {
    const never =
      trust.missingFrom > 0 ? `; ${String(Math.round(trust.missingFrom * 100))} % of the replicas of the directory never hear of it` : '';
    const when =
      trust.createdAt < ORIGIN
        ? 'there from the beginning'
        : `written at ${humanMoment(trust.createdAt)}, known to all replicas that hear of it from ${humanMoment(trust.propagatedAt)} on`;
    return put(trust.createdAt, `the federated credential ${trust.name} trusts ${trust.subject}, ${when}${never}`);
  });
}
