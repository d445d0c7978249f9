/** What holds of a world: the assertions about objects, ARM and Events. */
import { mismatch } from './case.ts';
import { canAssign, matches } from './matching.ts';
import type { MatchContext } from './matching.ts';
import type { CloudCall, Resource } from './stage/cloud.ts';
import type { SeenObject, WorldView } from './stage/world-view.ts';
import { listAt, mapAt, textAt, textsAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** Checks one assertion about a world; throws where it does not hold. False: it is none about the world. */
export function checkWorld(item: DataMap, world: WorldView): boolean {
  if (item['objects'] !== undefined) checkObjects(mapAt(item, 'objects'), world);
  else if (item['arm'] !== undefined) checkResource(mapAt(item, 'arm'), world);
  else if (item['armCalls'] !== undefined) checkCallCounts(mapAt(item, 'armCalls'), world);
  else if (item['armPatch'] !== undefined) checkPatch(mapAt(item, 'armPatch'), world);
  else if (item['events'] !== undefined) checkEvents(mapAt(item, 'events'), world);
  else return false;
  return true;
}

function checkObjects(wanted: DataMap, world: WorldView): void {
  const kind = textAt(wanted, 'kind');
  const namespace = textAt(wanted, 'namespace');
  const objects = world.objectsOf(kind).filter(({ metadata }) => namespace === '' || metadata.namespace === namespace);
  const context: MatchContext = { versionOf: (ref) => versionOf(ref, world) };
  checkList(wanted, objects, context, kind);
  const every = wanted['every'];
  if (every !== undefined && !objects.every((object) => matches(every, object, context))) mismatch(`every ${kind}`, every, brief(objects));
  for (const pattern of listAt(wanted, 'absent')) {
    if (objects.some((object) => matches(pattern, object, context))) mismatch(`no ${kind}`, pattern, brief(objects));
  }
}

/** `count`, `atLeast`, `exactly` and `contains` of a list. */
function checkList(wanted: DataMap, seen: readonly unknown[], context: MatchContext, what: string): void {
  const { count, atLeast, exactly, contains } = wanted;
  if (typeof count === 'number' && seen.length !== count) mismatch(`number of ${what}`, count, seen.length);
  if (typeof atLeast === 'number' && seen.length < atLeast) mismatch(`least number of ${what}`, atLeast, seen.length);
  const patterns = listAt(wanted, 'exactly');
  if (exactly !== undefined && (patterns.length !== seen.length || !canAssign(patterns, seen, context))) {
    mismatch(`exactly these ${what}`, exactly, brief(seen));
  }
  if (contains !== undefined && !canAssign(listAt(wanted, 'contains'), seen, context)) mismatch(`these ${what}`, contains, brief(seen));
}

function versionOf(ref: string, world: WorldView): string | undefined {
  const [kind = '', ...rest] = ref.split('/');
  const [namespace, name] = rest.length > 1 ? [rest[0], rest[1]] : ['', rest[0]];
  return world.objectsOf(kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)?.metadata.resourceVersion;
}

function resourceIn(wanted: DataMap): Resource {
  const resource = mapAt(wanted, 'resource');
  const kind = textAt(resource, 'kind') === 'VirtualMachine' ? 'VirtualMachine' : 'VirtualMachineScaleSet';
  return { kind, name: textAt(resource, 'name') };
}

function checkResource(wanted: DataMap, world: WorldView): void {
  const resource = resourceIn(wanted);
  const { ids = [], type = '' } = world.resource(resource) ?? {};
  const present = ids.map((id) => id.toLowerCase());
  const lists = mapAt(wanted, 'userAssignedIdentities');
  const lower = (key: string): readonly string[] => textsAt(lists, key).map((id) => id.toLowerCase());
  const what = `identities of ${resource.name}`;
  if (lists['exactly'] !== undefined && !isSameSet(lower('exactly'), present)) mismatch(what, lists['exactly'], ids);
  if (!lower('contains').every((id) => present.includes(id))) mismatch(`${what}, contained`, lists['contains'], ids);
  if (lower('absent').some((id) => present.includes(id))) mismatch(`${what}, absent`, lists['absent'], ids);
  if (wanted['type'] !== undefined && wanted['type'] !== type) mismatch(`identity type of ${resource.name}`, wanted['type'], type);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

function callsFor(world: WorldView, resource: Resource): readonly CloudCall[] {
  return world.armCalls.filter(({ kind, name }) => kind === resource.kind && name.toLowerCase() === resource.name.toLowerCase());
}

function checkCallCounts(wanted: DataMap, world: WorldView): void {
  const resource = resourceIn(wanted);
  const calls = callsFor(world, resource);
  for (const op of ['get', 'patch']) {
    const seen = calls.filter((call) => call.op.toLowerCase() === op).length;
    if (wanted[op] !== undefined && wanted[op] !== seen) mismatch(`${op} calls for ${resource.name}`, wanted[op], seen);
  }
}

function checkPatch(wanted: DataMap, world: WorldView): void {
  const resource = resourceIn(wanted);
  const nth = Number(wanted['nth']);
  const patch = callsFor(world, resource).filter(({ op }) => op === 'PATCH')[nth - 1];
  if (patch === undefined) mismatch(`PATCH ${String(nth)} of ${resource.name}`, 'sent', 'not sent');
  for (const [key, seen] of [
    ['add', patch.adds],
    ['remove', patch.removes],
  ] as const) {
    const lower = textsAt(wanted, key).map((id) => id.toLowerCase());
    if (
      wanted[key] !== undefined &&
      !isSameSet(
        lower,
        seen.map((id) => id.toLowerCase()),
      )
    ) {
      mismatch(`PATCH ${String(nth)} of ${resource.name}, ${key}`, wanted[key], seen);
    }
  }
  const isFailed = patch.status >= 400 || patch.asyncFailed;
  if (wanted['failed'] !== undefined && wanted['failed'] !== isFailed) mismatch(`PATCH ${String(nth)} failed`, wanted['failed'], isFailed);
}

function checkEvents(wanted: DataMap, world: WorldView): void {
  const { events } = world;
  const context: MatchContext = { versionOf: () => undefined };
  checkList(wanted, events, context, 'Events');
  const last: Data | undefined = wanted['last'];
  if (last !== undefined && !matches(last, events.at(-1), context)) mismatch('last Event', last, events.at(-1));
}

/** Objects as short texts for a message. */
function brief(objects: readonly unknown[]): unknown {
  const some = objects.slice(0, SHOWN).map((object) => (isSeenObject(object) ? shown(object) : object));
  return objects.length > SHOWN ? [...some, `and ${String(objects.length - SHOWN)} more`] : some;
}

const SHOWN = 4;

function isSeenObject(object: unknown): object is SeenObject {
  return typeof object === 'object' && object !== null && 'metadata' in object;
}

function shown({ metadata, ...rest }: SeenObject): unknown {
  const { name, namespace, labels, resourceVersion } = metadata;
  return { metadata: { name, namespace, labels, resourceVersion }, ...rest };
}
