/** How Azure stood at a moment towards the identity of a pod: on its machine or not, deleted, made again, an outage. */
import { ORIGIN } from '../../../kernel/time.ts';
import { humanMoment } from '../../duration-text.ts';
import { lastPart } from '../../value-text.ts';
import { handleFact } from '../../watcher.ts';
import type { FactHandlers } from '../../watcher.ts';
import type { Matter, Place } from './matter.ts';
import { isOn, plain, since } from './matter.ts';

/** Objects of a kind that are told. */
const MOST = 3;

/** Matters of Azure. */
export function mattersOfAzure(place: Place): readonly Matter[] {
  const { facts, node, identity, at: now } = place;
  const found = new Map<string, Matter>();
  const isIt = (id: string): boolean => identity !== '' && id.toLowerCase() === identity;
  const handlers: FactHandlers<unknown> = {
    'arm-operation-ended': ({ client, resource, added, removed, outcome }, { at }) => {
      const isThere = outcome === 'Succeeded' && isOn(node, resource);
      if (isThere && removed.some(isIt)) {
        const before = found.get('off');
        found.set(
          'off',
          plain(
            `${client} took ${lastPart(identity)} off ${lastPart(resource)} at ${humanMoment(at)}${before === undefined ? '' : ', not for the first time'}`,
            ['micReconciles'],
          ),
        );
        found.delete('on');
      }
      if (isThere && added.some(isIt))
        found.set('on', plain(`${client} put ${lastPart(identity)} on ${lastPart(resource)} at ${humanMoment(at)}`));
    },
    'mic-removal-decided': ({ assigned, identity: id, verdict }, { at }) => {
      if (isIt(id) && verdict === 'remove')
        found.set('decided', plain(`MIC decided at ${humanMoment(at)} to take it off, for ${assigned}`, ['micCountsUsersAcrossScaleSet']));
    },
    'identity-reference-stale': ({ resource, identity: id }, { at }) => {
      if (isIt(id) && isOn(node, resource))
        found.set(
          'stale',
          plain(
            `${lastPart(id)} was made again under its name; from ${humanMoment(at)} on ${lastPart(resource)} refers to the one that is gone, and MIC sees the name there and writes nothing`,
          ),
        );
    },
    'principal-deleted': ({ resourceId }, { at }) => {
      if (isIt(resourceId))
        found.set(
          'deleted',
          plain(`${lastPart(resourceId)} was deleted at ${humanMoment(at)}; tokens it has go on`, [
            'mi.deleted.tokenAcceptedUntilExp',
            'mi.token.lifetime',
          ]),
        );
    },
    'entra-outage-began': ({ until }, { at }) => {
      if (now <= until)
        found.set('outage', plain(`Entra fails since ${humanMoment(at)}, until ${humanMoment(until)}`, ['entra.outage.duration']));
    },
  };
  for (const stamped of facts) handleFact(handlers, stamped);
  return [...found.values(), ...terminating(place), ...credentials(place)];
}

/** Assigned identities that are deleted all but for their finalizer. */
function terminating({ record, facts, at: now }: Place): readonly Matter[] {
  const last = new Map(record.statuses.filter(({ event }) => event <= (facts.at(-1)?.event ?? 0)).map((change) => [change.name, change]));
  return [...last.values()]
    .filter(({ status }) => status === 'terminating')
    .slice(0, MOST)
    .map(({ name, at }) =>
      plain(`${name} is deleted ${since(at, now)}, all but for the finalizer, which only MIC takes off`, ['micAddsFinalizer']),
    );
}

/** Federated credentials of the service account that was last shown to Entra. */
function credentials({ record, facts }: Place): readonly Matter[] {
  const shown = facts.findLast(({ fact }) => fact.type === 'aad-token-refused' || fact.type === 'aad-token-issued')?.fact;
  const subject = shown?.type === 'aad-token-refused' || shown?.type === 'aad-token-issued' ? shown.federatedSubject : undefined;
  if (subject === undefined) return [];
  const trusts = record.credentialsFor(subject);
  if (trusts.length === 0) return [plain(`no federated credential names ${subject}`)];
  return trusts.map((trust) => {
    const never =
      trust.missingFrom > 0 ? `; ${String(Math.round(trust.missingFrom * 100))} % of the replicas of the directory never hear of it` : '';
    const when =
      trust.createdAt < ORIGIN
        ? 'there from the beginning'
        : `written at ${humanMoment(trust.createdAt)}, known to all replicas that hear of it from ${humanMoment(trust.propagatedAt)} on`;
    return plain(`the federated credential ${trust.name} trusts ${trust.subject}, ${when}${never}`);
  });
}
