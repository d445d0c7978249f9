/** Resolves the verbs of the story that make trouble: kill, fault, stall, freeze, and their end. */
import { parseDuration, seconds, ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { holdBackOf } from '../../model/mic/retry-after.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import type { FaultDescription, StepAction } from '../description.ts';
import { isUsedKindName, USED_KIND_NAMES } from '../manifests/kinds.ts';
import { ACTORS, ANSWERABLE, LINK_MESSAGES, matchesSomeActor } from '../schema/actor-names.ts';
import type { StepSource } from '../schema/story-schema.ts';
import { notAmongRule, unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';

type FaultSource = NonNullable<StepSource['fault']>;
type StallSource = NonNullable<StepSource['stall']>;
type FreezeSource = NonNullable<StepSource['freeze']>;
type KillSource = NonNullable<StepSource['kill']>;

/** The action of a step whose verb is one of these; undefined for other verbs, and where something is wrong. */
export function troubleAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { kill, disturbRules, fault, stall, freeze, restore } = source;
  if (kill !== undefined) return killAction(scope, kill, [...path, 'kill']);
  if (disturbRules !== undefined) return disturbAction(scope, disturbRules, [...path, 'disturbRules']);
  if (fault !== undefined) return { verb: 'fault', fault: faultOf(scope, fault, [...path, 'fault']) };
  if (stall !== undefined) return stallAction(scope, stall, [...path, 'stall']);
  if (freeze !== undefined) return freezeAction(scope, freeze, [...path, 'freeze']);
  return restore === undefined ? undefined : { verb: 'restore', id: restore };
}

/** Says when a step ends something that no step begins. */
export function warnOfRestores(scope: Scope, story: readonly StepSource[]): void {
  const begun = new Set(story.flatMap(({ fault, stall, freeze }) => [fault?.id, stall?.id, freeze?.id]));
  for (const [index, { restore }] of story.entries()) {
    if (restore === undefined || begun.has(restore)) continue;
    scope.warning(['story', index, 'restore'], `no fault, stall or freeze has the id "${restore}": the step does nothing`);
  }
}

function killAction(scope: Scope, source: KillSource, path: Path): StepAction | undefined {
  const { component, signal = 'SIGTERM' } = source;
  const which = processesOf(scope, source, path);
  return which === undefined ? undefined : { verb: 'kill', component, which, signal };
}

function freezeAction(scope: Scope, source: FreezeSource, path: Path): StepAction | undefined {
  const { id, component } = source;
  const which = processesOf(scope, source, path);
  return which === undefined ? undefined : { verb: 'freeze', id, component, which, scope: source.scope ?? 'machine' };
}

/** `leader`, `all` or the name of a node. */
function processesOf(scope: Scope, source: Pick<KillSource, 'component' | 'which'>, path: Path): string | undefined {
  const { component } = source;
  const which = source.which ?? (component === 'mic' ? 'leader' : 'all');
  if (which === 'all' || (which === 'leader' && component === 'mic')) return which;
  if (which !== 'leader') return scope.node(which, [...path, 'which']);
  scope.problem([...path, 'which'], 'NMI has no leader: write all, or a node');
  return undefined;
}

/** How long a lock is held of which the author does not say it. */
const LOCK_HELD = seconds(10);

function disturbAction(scope: Scope, source: NonNullable<StepSource['disturbRules']>, path: Path): StepAction | undefined {
  const { how } = source;
  if (source.for !== undefined && how !== 'lock') scope.problem([...path, 'for'], `says how long a lock is held: ${how} holds none`);
  const node = source.node === 'all' ? 'all' : scope.node(source.node, [...path, 'node']);
  return node === undefined ? undefined : { verb: 'disturbRules', node, how, hold: durationOf(source.for) ?? LOCK_HELD };
}

function faultOf(scope: Scope, source: FaultSource, path: Path): FaultDescription {
  const { id, from, to, type, where, probability, times } = source;
  for (const [key, pattern] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (pattern !== undefined && !matchesSomeActor(pattern)) scope.problem([...path, key], actorRule(pattern));
  }
  const isAnswer = source.do !== 'drop' && source.do.answer !== undefined;
  const types = (isAnswer ? ANSWERABLE : LINK_MESSAGES).map(String);
  if (type !== undefined && !types.includes(type)) scope.problem([...path, 'type'], notAmongRule(type, types));
  if (type === undefined && isAnswer) scope.problem(path, `needs type, since it answers: ${types.join(', ')}`);
  return {
    id,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(type === undefined ? {} : { type }),
    ...(where === undefined ? {} : { where }),
    ...(probability === undefined ? {} : { probability }),
    ...(times === undefined ? {} : { times }),
    action: faultActionOf(source.do),
  };
}

function faultActionOf(source: FaultSource['do']): FaultDescription['action'] {
  if (source === 'drop') return { kind: 'drop' };
  if (source.answer === undefined) return { kind: 'delay', by: durationOf(source.delay?.by) ?? ZERO };
  const { status, code = `Error${String(status)}`, message = 'a fault of the scenario' } = source.answer;
  const { retryAfterHeader } = source.answer;
  const retryAfter = retryAfterHeader === undefined ? durationOf(source.answer.retryAfter) : holdBackOf(retryAfterHeader, 0);
  return { kind: 'answer', status, code, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function stallAction(scope: Scope, source: StallSource, path: Path): StepAction | undefined {
  const [, component, nodeText] = /^(mic|nmi)(?::(.+))?$/u.exec(source.watcher) ?? [];
  const isMic = component === 'mic' && nodeText === undefined;
  if (!isMic && (component !== 'nmi' || nodeText === undefined))
    scope.problem([...path, 'watcher'], `must be mic or nmi:NODE, not "${source.watcher}"`);
  const node = isMic ? '' : nodeText === undefined ? undefined : scope.node(nodeText, [...path, 'watcher']);
  if (!isUsedKindName(source.kind)) {
    scope.problem([...path, 'kind'], unknownRule('kind', source.kind, USED_KIND_NAMES));
    return undefined;
  }
  if (node === undefined) return undefined;
  return {
    verb: 'stall',
    id: source.id,
    component: isMic ? 'mic' : 'nmi',
    node,
    table: TABLE_OF_KIND[source.kind],
    ends: source.ends ?? 'restore',
  };
}

function actorRule(pattern: string): string {
  const known = Object.entries(ACTORS).map(([name, number]) => (number === 'many' ? `${name}/*` : name));
  return `${unknownRule('actor', pattern, known)}; actors are ${known.join(', ')}`;
}

function durationOf(text: string | undefined): Duration | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
