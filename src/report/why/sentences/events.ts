/** Events in sentences, for people who do not know the names of messages. */
import type { MessageOf } from '../../../model/messages/index.ts';
import { actorWords } from '../../actor-words.ts';
import { messageWords } from '../../export/message-words.ts';
import type { NotedEvent } from '../record.ts';
import { timerSentence } from './timers.ts';

/** Where clients of managed identities send their requests. */
const METADATA_ADDRESS = '169.254.169.254';

/** An event in one sentence, without a full stop. */
export function eventSentence({ actor, from, message }: NotedEvent): string {
  const to = actorWords(actor);
  const own = timerSentence(message, to);
  if (own !== undefined) return own;
  if (message.type === 'MetadataRequest') return metadataSentence({ from, actor }, message);
  if (message.type === 'MetadataResponse' && message.servedBy === 'kernel')
    return `no connection of ${to} to ${METADATA_ADDRESS} came about`;
  const words = messageWords(message);
  const who = actorWords(from);
  if (TELLING.has(message.type)) return `${who} told ${to}: ${words}`;
  const isAnswer = /(?:Response|Result|Answer|Done|Ready)$/u.test(message.type);
  return isAnswer ? `${who} answered ${to}: ${words}` : `${who} asked ${to}: ${words}`;
}

/** What is neither asked nor answered. */
const TELLING: ReadonlySet<string> = new Set([
  'ListenerChanged',
  'ProcessExited',
  'ProcessGone',
  'ComputeCreated',
  'ComputeDeleted',
  'NodeLost',
  'Signal',
  'ConnectionRefused',
  'SecretRefused',
  'VolumeSetUpGivenUp',
]);

/** A request for metadata: the sender means IMDS; the rules of the node decide whom it reaches. */
function metadataSentence(
  { from, actor }: { readonly from: string; readonly actor: string },
  message: MessageOf<'MetadataRequest'>,
): string {
  const words = messageWords(message);
  if (actor.startsWith('iptables/'))
    return `${actorWords(from)} asked ${message.to === 'nmi' ? 'the port of NMI' : METADATA_ADDRESS}: ${words}`;
  if (from.startsWith('iptables/')) return `${actorWords(from)} sent it on to ${actorWords(actor)}`;
  return `${actorWords(from)} asked ${actorWords(actor)}: ${words}`;
}
