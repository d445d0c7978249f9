/**
 * From findings to the work of each VM and scale set (§4.4 to §4.7): tracks by node, removals by reference count, additions, scale sets
 * merged, nodes that are gone set aside.
 *
 * Follows pkg/mic/mic.go (getListOfIdsToDelete, getListOfIdsToAssign, consolidateVMSSNodes) and pkg/mic/vmss.go.
 */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { DesiredAssignment, WorkItem } from '../../model/mic-rows.ts';
import { newAssignedIdentity, replacedAssignedIdentity } from '../../model/mic/assigned-identity.ts';
import type { Embedded } from '../../model/mic/assigned-identity.ts';
import { contest, desiredKey, matchingBindings } from '../../model/mic/desired.ts';
import { placementOf } from '../../model/mic/placement.ts';
import type { Placement } from '../../model/mic/placement.ts';
import { removalVerdict, useCount } from '../../model/mic/reference-count.ts';
import type { RemovalVerdict, UseCount, Users } from '../../model/mic/reference-count.ts';
import { keyOf } from '../../model/kubernetes.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Caches } from './caches.ts';
import type { DesiredRows } from './desired-rows.ts';
import { findingsOfRelease } from './release-findings.ts';
import type { Finding, Winners } from './desired-set.ts';
import { immutableClientIds } from './settings.ts';

/** One assigned identity to work on, before it has a place in a worker's list. */
type UnplacedItem = Omit<WorkItem, 'replica' | 'worker' | 'index'>;

/** Work on one resource. `node`: its node is gone, only its deletes are cleaned up. */
export interface Track {
  readonly name: string;
  readonly kind: 'vm' | 'vmss' | 'node';
  /** Name ARM is asked for; several tracks of one cycle may share it, before MIC brought them together. */
  readonly resource: string;
  readonly add: string[];
  readonly remove: string[];
  readonly changes: UnplacedItem[];
  readonly deletes: UnplacedItem[];
}

/** The desired set of the cycle. */
export interface Desired {
  readonly rows: DesiredRows;
  readonly winners: Winners;
  /** Client id of azure.json's own identity when the process began; `''`: none. */
  readonly ownIdentity: string;
}

type NodePlacement = Placement | { readonly kind: 'absent' };

/** Everything a plan looks up, for one turn. */
interface Survey {
  readonly turn: Turn;
  readonly caches: Caches;
  readonly placement: (node: string) => NodePlacement;
  readonly isInUse: UseCount;
  readonly immutable: readonly string[];
  readonly removals: 'decided' | 'aborted';
  /** What becomes of the work on nodes that are gone: assigned identities deleted, or ARM asked for a VM it does not have. */
  readonly missingNodes: 'cleanedUp' | 'asked';
}

/** Plans a cycle: one track for each VM, scale set or missing node that has work. */
export function planTracks(findings: readonly Finding[], about: Desired, caches: Caches, turn: Turn): readonly Track[] {
  const expanded = findingsOfRelease(findings, (desired) => creationOf(desired, caches, turn), turn);
  const survey = surveyOf(expanded, about, caches, turn);
  if (!behaves(turn, 'micBatchesByNode')) return expanded.flatMap((finding, index) => loneTracks(finding, index, survey));
  const byNode = new Map<string, Track>();
  for (const finding of expanded) file(finding, byNode, survey);
  return consolidate(byNode, survey);
}

/** Before MIC brought the work on a node together: a track for each assigned identity. */
function loneTracks(finding: Finding, index: number, survey: Survey): readonly Track[] {
  const byNode = new Map<string, Track>();
  file(finding, byNode, survey);
  return [...byNode].map(([node, track]) => {
    const name = `${node}#${String(index)}`;
    return track.deletes.length > 0 && isCleanedUp(node, survey) ? cleanUp(name, track) : { ...track, ...targetOf(node, survey), name };
  });
}

function surveyOf(findings: readonly Finding[], { rows, winners, ownIdentity }: Desired, caches: Caches, turn: Turn): Survey {
  const placements = new Map<string, NodePlacement>();
  const placement = (node: string): NodePlacement => {
    let found = placements.get(node);
    if (found === undefined) {
      const providerID = caches.nodes.get(node)?.spec.providerID;
      found = providerID === undefined ? { kind: 'absent' } : placementOf(providerID);
      placements.set(node, found);
    }
    return found;
  };
  const hasRemovals = findings.some(({ difference }) => difference === 'delete' || difference === 'update');
  const removals = hasRemovals && hasBrokenNode(caches) ? 'aborted' : 'decided';
  const isSetWide = behaves(turn, 'micCountsUsersAcrossScaleSet');
  const groupOf = (node: string): string | undefined => {
    const place = removals === 'aborted' || !isSetWide ? undefined : placement(node);
    return place?.kind === 'vmss' ? place.group : undefined;
  };
  const kept = behaves(turn, 'micKeepsFirstOfSameName') ? 'first' : 'last';
  return {
    turn,
    caches,
    placement,
    isInUse: useCount(usersIn(rows, winners, kept), groupOf),
    immutable: immutableClientIds(ownIdentity, turn),
    removals,
    missingNodes: behaves(turn, 'micCleansUpMissingNodes') ? 'cleanedUp' : 'asked',
  };
}

/** Faithful: one unreadable providerID under any pod with a matching binding stops every removal of the cycle (W10). */
function hasBrokenNode(caches: Caches): boolean {
  const bindingsOf = (selector: string): ReturnType<typeof caches.bindings.by> => caches.bindings.by('selector', selector);
  return caches.nodes
    .by('reading', 'broken')
    .some((node) => caches.pods.by('node', node.metadata.name).some((pod) => matchingBindings(pod, { bindingsOf }).length > 0));
}

function usersIn(rows: DesiredRows, winners: Winners, kept: 'first' | 'last'): Users {
  return {
    some: (where, test) => rows.some(where, test),
    isDesired: (user) => {
      const candidates = rows.named(user.name);
      if (candidates.length <= 1) return true;
      return (winners.get(user.name) ?? winnerKey(candidates, kept)) === desiredKey(user);
    },
  };
}

/** Who wins where no other pod competes: there order is no chance. */
function winnerKey(candidates: readonly DesiredAssignment[], kept: 'first' | 'last'): string {
  const { winner } = contest(candidates, () => 0, kept);
  return winner === undefined ? '' : desiredKey(winner);
}

function file(finding: Finding, byNode: Map<string, Track>, survey: Survey): void {
  const { difference, cached, desired } = finding;
  if (difference === 'delete' && cached !== undefined) {
    trackOf(byNode, cached.spec.nodename).deletes.push(itemOf('delete', cached, survey));
    decideRemoval(cached, byNode, survey);
    return;
  }
  if (difference === 'retry' && cached !== undefined) {
    addChange(itemOf('retry', cached, survey), byNode);
    return;
  }
  if (desired === undefined) return;
  if (cached === undefined) {
    const created = creationOf(desired, survey.caches, survey.turn);
    if (created !== undefined) addChange(itemOf('create', created, survey), byNode);
    return;
  }
  const embedded = embeddedIn(desired, survey.caches);
  if (embedded === undefined) return;
  decideRemoval(cached, byNode, survey);
  const labels = behaves(survey.turn, 'micRelabelsOnUpdate') ? 'renewed' : 'kept';
  addChange(itemOf('update', replacedAssignedIdentity(cached, desired, embedded, labels), survey), byNode);
}

/** The object that a wish leads to; undefined where its AzureIdentity or binding has gone from the cache. */
function creationOf(desired: DesiredAssignment, caches: Caches, turn: Turn): AzureAssignedIdentity | undefined {
  const embedded = embeddedIn(desired, caches);
  if (embedded === undefined) return undefined;
  const status = behaves(turn, 'micStatesOfAssigned') ? 'Created' : '';
  return newAssignedIdentity(desired, embedded, { status, finalizer: behaves(turn, 'micAddsFinalizer') ? 'on' : 'off' });
}

function embeddedIn(desired: NonNullable<Finding['desired']>, caches: Caches): Embedded | undefined {
  const identity = caches.identities.get(desired.identityKey);
  const binding = caches.bindings.get(desired.bindingKey);
  return identity === undefined || binding === undefined ? undefined : { identity, binding };
}

function addChange(item: UnplacedItem, byNode: Map<string, Track>): void {
  const { nodename, azureIdentityRef } = item.object.spec;
  const track = trackOf(byNode, nodename);
  track.changes.push(item);
  if (azureIdentityRef.spec.type === 0) track.add.push(azureIdentityRef.spec.resourceID);
}

function decideRemoval(going: AzureAssignedIdentity, byNode: Map<string, Track>, survey: Survey): void {
  const { nodename, azureIdentityRef } = going.spec;
  const verdict: RemovalVerdict =
    survey.removals === 'aborted'
      ? 'aborted'
      : removalVerdict(going, { immutable: survey.immutable, isInUse: () => survey.isInUse(going) });
  const isGone = isCleanedUp(nodename, survey);
  survey.turn.fact({
    type: 'mic-removal-decided',
    replica: survey.turn.self,
    assigned: keyOf(going),
    resource: targetOf(nodename, survey).resource,
    identity: azureIdentityRef.spec.resourceID,
    verdict: isGone ? 'nodeGone' : verdict,
  });
  if (verdict === 'remove') trackOf(byNode, nodename).remove.push(azureIdentityRef.spec.resourceID);
}

function itemOf(kind: UnplacedItem['kind'], object: AzureAssignedIdentity, survey: Survey): UnplacedItem {
  return { kind, key: keyOf(object), object, isInUse: kind === 'delete' && survey.isInUse(object) };
}

/** Merges the tracks of a scale set and sets missing nodes aside. Faithful: groups of one bare name overwrite each other (W14, W15). */
function consolidate(byNode: ReadonlyMap<string, Track>, survey: Survey): readonly Track[] {
  const tracks = new Map<string, Track>();
  const groups = new Map<string, Track>();
  const isGrouped = behaves(survey.turn, 'micGroupsScaleSetNodes');
  for (const [node, track] of byNode) {
    const place = survey.placement(node);
    if (place.kind !== 'vmss' || !isGrouped) {
      tracks.set(node, isCleanedUp(node, survey) ? cleanUp(node, track) : { ...track, ...targetOf(node, survey) });
      continue;
    }
    let merged = groups.get(place.group);
    if (merged === undefined) {
      merged = { ...emptyTrack(place.name), kind: 'vmss' };
      groups.set(place.group, merged);
      tracks.set(place.name, merged);
    }
    merged.add.push(...track.add);
    merged.remove.push(...track.remove);
    merged.changes.push(...track.changes);
    merged.deletes.push(...track.deletes);
  }
  return [...tracks.values()];
}

function isCleanedUp(node: string, survey: Survey): boolean {
  return survey.missingNodes === 'cleanedUp' && survey.placement(node).kind === 'absent';
}

/** What is left of the work on a node that is gone. */
function cleanUp(name: string, track: Track): Track {
  return { ...emptyTrack(name), kind: 'node', deletes: track.deletes };
}

/** What ARM is asked for. */
function targetOf(node: string, survey: Survey): Pick<Track, 'kind' | 'resource'> {
  const place = survey.placement(node);
  return place.kind === 'vmss' ? { kind: 'vmss', resource: place.name } : { kind: 'vm', resource: node };
}

function trackOf(byNode: Map<string, Track>, node: string): Track {
  let track = byNode.get(node);
  if (track === undefined) byNode.set(node, (track = emptyTrack(node)));
  return track;
}

function emptyTrack(name: string): Track {
  return { name, kind: 'vm', resource: name, add: [], remove: [], changes: [], deletes: [] };
}
