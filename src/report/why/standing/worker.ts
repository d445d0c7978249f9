/** What a worker of MIC was at: its last call, of ARM or of the API server, and whether that has an answer. */
import type { Moment } from '../../../kernel/time.ts';
import type { MessageOf } from '../../../model/messages/index.ts';
import { humanMoment } from '../../duration-text.ts';
import { messageWords } from '../../export/message-words.ts';
import { counted, lastPart } from '../../value-text.ts';
import type { Rule } from '../rules.ts';
import type { NotedEvent, RunRecord } from '../record.ts';

/** A worker, and up to when it is looked at. */
export interface WorkerSpan {
  readonly replica: string;
  readonly resource: string;
  readonly from: Moment;
  readonly to: Moment;
}

/** A clause about it, and the rules behind that. */
export interface WorkerActivity {
  readonly text: string;
  readonly rules: readonly Rule[];
}

interface Calls {
  /** Its last call that reached ARM, and the answer. */
  last: { readonly at: Moment; readonly message: MessageOf<'ArmRequest'> } | undefined;
  answer: MessageOf<'ArmResponse'> | undefined;
  /** The write that ARM accepted and has not ended. */
  running: { readonly at: Moment; readonly message: MessageOf<'ArmRequest'> } | undefined;
  /** When MIC asked for a token that it has not yet. */
  tokenAt: Moment | undefined;
  written: number;
  writtenAt: Moment;
}

/** What it was at; undefined where nothing is known. */
export function activityOf(record: RunRecord, span: WorkerSpan): WorkerActivity | undefined {
  const calls = callsOf(record, span);
  const { last, answer, running, tokenAt, written, writtenAt } = calls;
  const lost = record.losses.find(
    ({ at, from, to, type }) =>
      type === 'ArmRequest' && to === 'arm' && from === span.replica && at >= (last?.at ?? span.from) && at <= span.to,
  );
  if (lost !== undefined && (last === undefined || answer !== undefined))
    return { text: lostWords(lost.at, calls), rules: ['net.deadConnection'] };
  if (last !== undefined && answer === undefined)
    return { text: `its call ${messageWords(last.message)} reached ARM at ${humanMoment(last.at)} and has no answer yet`, rules: [] };
  if (tokenAt !== undefined)
    return { text: `it waits for the token for ARM that MIC asked for first at ${humanMoment(tokenAt)} and has not got`, rules: [] };
  const ended = running === undefined ? undefined : endOf(record, span, running.at);
  if (running !== undefined && ended !== undefined)
    return {
      text: `its write, ${messageWords(running.message)}, ended at ARM at ${humanMoment(ended)}, but MIC has not heard of it: no poll of it has come back since`,
      rules: ['arm.poll.interval.mic'],
    };
  if (running !== undefined)
    return { text: `its write, ${messageWords(running.message)}, runs at ARM since ${humanMoment(running.at)}`, rules: [] };
  if (written === 0) return undefined;
  return {
    text: `it writes assigned identities at the API server, ${counted(written, 'call')} so far, the last at ${humanMoment(writtenAt)}`,
    rules: [],
  };
}

/** When the write of a resource that began then ended at ARM; undefined while it runs. */
function endOf({ facts }: RunRecord, { resource, to }: WorkerSpan, began: Moment): Moment | undefined {
  return facts.find(
    ({ fact, at }) => fact.type === 'arm-operation-ended' && at >= began && at <= to && lastPart(fact.resource) === resource.toLowerCase(),
  )?.at;
}

function lostWords(at: Moment, { last, running }: Calls): string {
  const call = last === undefined ? 'GET' : running === undefined ? 'PATCH' : 'poll';
  return (
    `its ${call}, sent at ${humanMoment(at)}, was lost on the way to ARM; one call has no deadline of its own, ` +
    'so MIC waits for an answer until the operating system gives the dead connection up'
  );
}

function callsOf({ events }: RunRecord, span: WorkerSpan): Calls {
  const calls: Calls = { last: undefined, answer: undefined, running: undefined, tokenAt: undefined, written: 0, writtenAt: span.from };
  for (const noted of events.values()) {
    if (noted.at > span.to) break;
    if (noted.at >= span.from) note(calls, noted, span);
  }
  return calls;
}

function note(calls: Calls, { actor, from, at, message }: NotedEvent, { replica, resource }: WorkerSpan): void {
  if (actor === 'arm' && from === replica && message.type === 'ArmRequest') {
    const { call } = message;
    if (!('resource' in call && call.resource.name === resource) && call.op !== 'pollOperation') return;
    calls.last = { at, message };
    calls.answer = undefined;
  } else if (actor === replica && message.type === 'ArmResponse' && message.request === calls.last?.message.request) {
    calls.answer = message;
    if (message.operation !== undefined) calls.running = calls.last;
    else if (message.operationStatus !== 'InProgress') calls.running = undefined;
  } else if (from === replica && (message.type === 'MetadataRequest' || message.type === 'AadTokenRequest')) {
    calls.tokenAt ??= at;
  } else if (actor === replica && (message.type === 'MetadataResponse' || message.type === 'AadTokenResponse')) {
    if (message.status === 200) calls.tokenAt = undefined;
  } else if (actor === 'kube-apiserver' && from === replica && message.type === 'ApiRequest' && isOfAssigned(message)) {
    calls.written += 1;
    calls.writtenAt = at;
  }
}

function isOfAssigned({ call }: MessageOf<'ApiRequest'>): boolean {
  if (call.verb === 'get' || call.verb === 'list') return false;
  return 'object' in call ? call.object.kind === 'AzureAssignedIdentity' : 'kind' in call && call.kind === 'AzureAssignedIdentity';
}
