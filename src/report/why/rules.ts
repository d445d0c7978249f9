/**
 * Rules behind what was stated: behaviours of the release that is installed and knobs, each with its source, so that a reader can look the
 * rule up and see whether his release has it.
 */
import { catalogue, formatKnobDefault } from '../../model/calibration/index.ts';
import type { KnobName } from '../../model/calibration/index.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { Message } from '../../model/messages/index.ts';
import { BEHAVIOURS, hasBehaviour } from '../../model/pod-identity-release/behaviours.ts';
import type { Behaviour } from '../../model/pod-identity-release/behaviours.ts';
import type { BehaviourRow } from '../../model/pod-identity-release/behaviour-row.ts';
import { presetKnobs } from '../../model/pod-identity-release/preset-knobs.ts';
import { DEFAULT_RELEASE, isRelease } from '../../model/pod-identity-release/release.ts';
import { IMDS_TOKEN_PATH } from '../../model/metadata-path.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';

/** A rule: a behaviour of a release, or a knob. */
export type Rule = Behaviour | KnobName;

/** What rules are told for: the release installed (`''`: none), and the knobs that the run sets. */
export interface RuleContext {
  readonly release: string;
  readonly network: 'azure' | 'kubenet';
  readonly overrides: readonly { readonly knob: string; readonly value: string }[];
  /** Release of the NMI that matters, where that is another than the installed one; else `''`. */
  readonly nmiRelease?: string;
}

/** Knobs that an NMI of another release has from that release. */
const OWN_OF_NMI: ReadonlySet<Rule> = new Set<Rule>(['nmi.headerRequired', 'nmi.listenAddress']);

/** A rule as a sentence without a full stop, with its source. */
export function ruleSentence(rule: Rule, context: RuleContext): string {
  if (!isBehaviour(rule))
    return `${withoutStop(catalogue[rule].what)}: ${rule}, ${valueInForce(rule, context)} (${catalogue[rule].source})`;
  const { release } = context;
  const row: BehaviourRow = BEHAVIOURS[rule];
  const version = release === '' ? DEFAULT_RELEASE : release;
  const span = [row.from === undefined ? '' : `from ${row.from} on`, row.until === undefined ? '' : `before ${row.until}`];
  const does = hasBehaviour(version, rule) ? (row.until === undefined ? 'does this' : 'still does this') : 'does not do this yet';
  return `${version} ${does} (${span.filter((text) => text !== '').join(' and ')}): ${withoutStop(row.meaning)} (${row.source})`;
}

/** `by default 4`, `here 2`, or what an NMI of another release has by default. */
function valueInForce(knob: KnobName, { overrides, nmiRelease = '' }: RuleContext): string {
  if (OWN_OF_NMI.has(knob) && isRelease(nmiRelease))
    return `of NMI ${nmiRelease} by default ${String(presetKnobs(nmiRelease)[knob] ?? formatKnobDefault(catalogue[knob]))}`;
  const set = overrides.find((one) => one.knob === knob);
  return set === undefined ? `by default ${formatKnobDefault(catalogue[knob])}` : `here ${set.value}`;
}

/** Behaviours told wherever they apply, also of releases that have them: they make what is asked about. */
const TOLD_ALWAYS: ReadonlySet<Rule> = new Set<Rule>(['micAddsFinalizer', 'nmiCleansRulesOnSigterm', 'micElectsLeader']);

/** Rules about kubenet. */
const OF_KUBENET: ReadonlySet<Rule> = new Set<Rule>(['nmiRefusesKubenet', 'nmi.kubenet.allowed']);

/** Rules about watches that die by themselves. */
const OF_HALF_OPEN: ReadonlySet<Rule> = new Set<Rule>(['watch.halfOpenAfterIdle', 'watch.halfOpen.endedBy']);

/** Chances that are none unless a run sets them. */
const CHANCES: ReadonlySet<Rule> = new Set<Rule>(['imds.staleIdentityBug.prob', 'watch.lostEvent.prob']);

/** Whether the condition of a rule held in this run. */
function isPossible(rule: Rule, { network, overrides }: RuleContext): boolean {
  if (OF_KUBENET.has(rule)) return network === 'kubenet';
  if (OF_HALF_OPEN.has(rule))
    return overrides.some(({ knob, value }) => knob === 'watch.halfOpenAfterIdle' && Number.parseFloat(value) !== 0);
  return !CHANCES.has(rule) || overrides.some(({ knob, value }) => knob === rule && Number.parseFloat(value) !== 0);
}

/**
 * Of some rules those worth telling: knobs that could matter in the run; of behaviours the faults that the release has, and the mends that
 * it lacks.
 */
export function worthTelling(rules: readonly Rule[], context: RuleContext): readonly Rule[] {
  const { release } = context;
  return [...new Set(rules)].filter((rule) => {
    if (!isPossible(rule, context)) return false;
    if (!isBehaviour(rule) || TOLD_ALWAYS.has(rule)) return true;
    const isFault = (BEHAVIOURS[rule] as BehaviourRow).until !== undefined;
    return hasBehaviour(release === '' ? DEFAULT_RELEASE : release, rule) === isFault;
  });
}

/** Rules behind a fact; none where the catalogue of waits already names them. */
export function rulesOf(stamped: Stamped): readonly Rule[] {
  return handleFact(RULES, stamped) ?? [];
}

/** A wait for a cycle of MIC that is longer than other work explains [µs]: nothing told MIC. */
const UNTOLD = 60_000_000;

/** A wait for a watch that is longer than any lag [µs]. */
const SILENT = 10_000_000;

/** Rules behind a wait, beside the knobs that set its length. */
export function rulesOfWait(part: string, tookUs: number): readonly Rule[] {
  if (part === 'watch' && tookUs > SILENT) return ['watch.halfOpenAfterIdle', 'watch.halfOpen.endedBy', 'watch.lostEvent.prob'];
  return part === 'micQueue' && tookUs > UNTOLD ? ['micSyncsOnLabelChange', 'informer.resync.mic.crds', 'mic.sync.periodic'] : [];
}

/** Rules behind a message. */
export function rulesOfMessage(message: Message): readonly Rule[] {
  if (message.type !== 'MetadataRequest' || KNOWN_PATHS.has(message.call.path) || !/token/iu.test(message.call.path)) return [];
  return ['nmiRefusesOddTokenPaths', 'nmiIgnoresCaseOfPath'];
}

/** Paths on which NMI itself gives tokens. */
const KNOWN_PATHS: ReadonlySet<string> = new Set([IMDS_TOKEN_PATH, '/host/token', '/host/token/']);

/** Rules behind an error of ARM or of MIC's client. */
export function rulesOfError(error: string): readonly Rule[] {
  return OF_ERROR.flatMap(([part, rules]) => (part.test(error) ? rules : []));
}

const OF_ERROR: readonly (readonly [RegExp, readonly Rule[]])[] = [
  [/FailedIdentityOperation.*not found/su, ['mi.assign.validation']],
  [/LinkedAuthorizationFailed|FailedIdentityOperation.*not found/su, ['micDropsBadIdentities']],
  [/AuthorizationFailed/u, ['arm.authorization.mode', 'rbac.grant.delay']],
  [/exceed limit/u, ['mi.assign.maxIdentitiesPerRequest', 'micSplitsWrites']],
  [/cannot be duplicated/u, ['micComparesIdsWithoutCase']],
  [/NotFound/u, ['micCleansUpMissingNodes']],
  [/429|TooManyRequests/u, ['micHonoursRetryAfter']],
  [/InvalidIdentityValues/u, ['ca.write', 'arm.identity.readOnlyFields']],
  [/FederatedIdentityCredentialLimitExceeded/u, ['wi.fic.max']],
  [/PodIdentityAddonIdentitiesAssignmentError/u, ['aksAddon.podIdentities.checked']],
];

const RULES: FactHandlers<readonly Rule[]> = {
  'mic-worker-ended': ({ error }) => rulesOfError(error),
  'mic-cloud-operation-ended': ({ operation, error }) => (operation === 'vmss_get' && error !== '' ? ['micMasksScaleSetReads'] : []),
  'mic-assigned-identity-written': ({ operation }) => (operation === 'deletion' ? ['micDeletesWhatItCreates'] : []),
  'arm-answered': ({ status, op, error }) => {
    if (status < 400) return [];
    return op === 'patchIdentity' && status === 409 ? ['micSparesDeleting'] : rulesOfError(error);
  },
  'mic-memory-grew': () => ['micLeaksMemory', 'mic.memory.leakPerCycle'],
  'mic-stopped': ({ reason }) => {
    if (reason.includes('concurrent map')) return ['micSharesStatistics', 'mic.statistics.collisionProb'];
    return reason.includes('leader election') ? ['mic.lease.renewDeadline', 'mic.lease.exitOnLoss'] : [];
  },
  'mic-removal-decided': ({ verdict }) => (verdict === 'remove' ? ['micCountsUsersAcrossScaleSet'] : []),
  'connection-routed': ({ to }) => (to === 'dropped' ? ['nmi.listenAddress'] : []),
  'rules-changed': ({ redirect, by }) =>
    redirect === 'off' && by.startsWith('nmi/') ? ['nmiCleansRulesOnSigterm', 'nmiMiscountsRules'] : [],
  'nmi-answered': (answer) => [...answerRules(answer.status, answer.found, answer.took), ...acrossNamespaces(answer)],
  'nmi-resolved': ({ sender, resolved }) => (resolved === '' || resolved === sender ? [] : ['nmiRefusesKubenet', 'nmi.kubenet.allowed']),
  'imds-answered': ({ status, error }) => imdsRules(status, error),
  'container-ended': ({ reason }) => (reason.startsWith('iptables') ? ['nmi.iptables.onLock', 'xtables.lock.hold'] : []),
  'webhook-answered': ({ outcome, took }) =>
    outcome === 'mutated' ? [] : ['wi.webhook.failurePolicy', took > 0 ? 'wi.webhook.timeout' : 'wi.webhook.objects'],
  'aad-token-refused': ({ error }) => entraRules(error),
  'nmi-upstream-ended': ({ operation, status }) => (operation === 'adal_token' && status === 0 ? ['adal.http.dialTimeout'] : []),
  'service-answered': ({ status }) => (status === 403 ? ['rbac.grant.delay', 'rbac.revoke.delay'] : []),
  'probe-failed': () => ['app.answersProbes'],
};

/** NMI has looked more than once [µs]. */
const LOOKS = 10_000_000;

function answerRules(status: number, found: string, took: number): readonly Rule[] {
  if (status === 503) return ['nmi.retryAfter.enabled', 'nmi.retryAfter.value'];
  if (status === 404 && took > LOOKS) {
    if (found === 'none') return ['nmi.lookup.createdAttempts'];
    if (found === 'Created') return ['nmi.lookup.assignedAttempts'];
  }
  if (status === 400) return ['nmi.headerRequired'];
  return status === 500 ? ['nmi.podLookup.retries'] : [];
}

/** An identity of another namespace than the pod's. */
function acrossNamespaces({ identity, namespace }: FactOf<'nmi-answered'>): readonly Rule[] {
  return namespace === '' || identity === '' || identity.startsWith(`${namespace}/`) ? [] : ['mic.namespaced'];
}

function imdsRules(status: number, error: string): readonly Rule[] {
  if (status === 429) return ['imds.rate.identity', 'imds.concurrency.identity'];
  if (status === 410) return ['imds.update410.duration'];
  if (/Request Too Long|too long/iu.test(error)) return ['nmiRepeatsUserAgent', 'nmi.userAgent.mostCalls'];
  return status === 400 && error.includes('not found') ? ['imds.staleIdentityBug.prob'] : [];
}

function entraRules(error: string): readonly Rule[] {
  if (error.includes('700024')) return ['wi.saToken.readAgain', 'wi.saToken.lifetime'];
  if (error.includes('7002138')) return ['wi.fic.matching'];
  return /70021|700213/u.test(error) ? ['wi.fic.negativeCache', 'wi.fic.propagation'] : [];
}

/** Whether a rule is a behaviour of releases. */
export function isBehaviour(rule: Rule): rule is Behaviour {
  return Object.hasOwn(BEHAVIOURS, rule);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/u, '');
}
