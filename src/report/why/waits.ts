/** What was waited for, in words: by the name of the wait, and where that says too little by what ended it. */
import type { Cause } from '../../kernel/trace.ts';
import type { KnobName } from '../../model/calibration/index.ts';
import type { LatencyPart } from '../../model/labels.ts';
import { LATENCY_PART_MEANING } from '../../model/labels.ts';
import type { Message, MessageOf, MessageType } from '../../model/messages/index.ts';
import { ruleSources, sourcesOf } from './rule-sources.ts';

/** A stretch of waiting between two links. */
export interface ChainWait {
  /** Name of the part; `''` where nothing was waited for. */
  readonly part: string;
  readonly tookUs: number;
  readonly meaning: string;
  /** Where the rule behind it is written down. */
  readonly sources: readonly string[];
}

interface Told {
  readonly meaning: string;
  readonly knobs: readonly KnobName[];
}

/** A wait as it is told. `message`: what ended it, where its name alone says too little. */
export function waitOf(part: string, tookUs: number, message?: Message): ChainWait {
  const told = message === undefined || !VAGUE.has(part) ? undefined : endedBy(message);
  if (told !== undefined) return { part, tookUs, meaning: told.meaning, sources: sourcesOf(told.knobs) };
  const meaning = (LATENCY_PART_MEANING[part as LatencyPart] as string | undefined) ?? part;
  return { part, tookUs, meaning, sources: ruleSources(part) };
}

/** Names of waits of more kinds than one. */
const VAGUE: ReadonlySet<string> = new Set<LatencyPart>(['other', 'podStart', 'nmiStart']);

function endedBy(message: Message): Told | undefined {
  if (message.type === 'PodStepDue') return POD_STEPS[message.step];
  if (message.type === 'NmiStepDue' && message.step === 'drained')
    return { meaning: 'NMI serving for its last seconds', knobs: ['nmi.sigterm.wait'] };
  return BY_MESSAGE[message.type];
}

const POD_STEPS: Readonly<Partial<Record<MessageOf<'PodStepDue'>['step'], Told>>> = {
  complete: { meaning: 'the container running to its end', knobs: [] },
  kill: { meaning: 'the grace period of the pod', knobs: ['pod.terminationGrace'] },
  probe: { meaning: 'until the kubelet’s next liveness probe', knobs: [] },
  probeTimeout: { meaning: 'the kubelet waiting for the answer to its probe', knobs: [] },
  restart: {
    meaning: 'the kubelet’s back-off before it starts the container again',
    knobs: ['pod.crashBackoff.first', 'pod.crashBackoff.cap'],
  },
};

const BY_MESSAGE: Readonly<Partial<Record<MessageType, Told>>> = {
  ControllerDue: { meaning: 'until the controller looks again', knobs: [] },
  InstanceDue: { meaning: 'Azure making the machine, or deleting it', knobs: ['node.provision', 'node.delete.duration'] },
  LeaseDue: { meaning: 'until MIC sees to its lock again', knobs: ['mic.lease.retryPeriod'] },
  LookupTimeoutDue: { meaning: 'NMI waiting for an answer of MIC', knobs: [] },
  OperationDue: { meaning: 'the operation at Azure', knobs: [] },
  RebootOver: { meaning: 'the machine rebooting', knobs: ['node.reboot.duration'] },
  RenewDeadlineDue: { meaning: 'MIC trying in vain to renew its lock', knobs: ['mic.lease.renewDeadline'] },
  RulesCheckDue: { meaning: 'until NMI looks after its rules again', knobs: ['nmi.iptables.interval'] },
  ScaleDue: { meaning: 'the autoscaler deciding', knobs: ['ca.decision.small.think'] },
  ScanDue: { meaning: 'until the autoscaler looks at its pools again', knobs: ['ca.scanInterval'] },
  ServiceResponse: { meaning: 'the service answering', knobs: [] },
  Signal: { meaning: 'the time that the process gets to end', knobs: ['mic.sigtermGrace'] },
  SpotEvictionDue: { meaning: 'the notice of a spot VM', knobs: ['vm.spot.notice'] },
  VolumeStepDue: {
    meaning: 'the kubelet’s back-off before it tries the volume again',
    knobs: ['volume.backoff.first', 'volume.backoff.cap'],
  },
};

/** Waits in time order without empty ones. Time in a queue and the way into it are one wait to a reader, unless they have names of their own. */
export function waitsOf({ by, waits }: Cause): Cause['waits'] {
  const [work, lay, way] = waits;
  const isOne = by === 'queue' && work !== undefined && way !== undefined && lay?.label === way.label;
  const shown = isOne ? [{ ...lay, from: way.from }, work] : waits.toReversed();
  return shown.filter(({ from, to }) => to > from);
}
