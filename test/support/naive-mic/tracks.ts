/** The naive MIC's plan of a cycle: one list of work for each VM, scale set or missing node (§4.4 to §4.7). */
import type { Caches } from '../../../src/actors/mic/caches.ts';
import type { Finding } from '../../../src/actors/mic/desired-set.ts';
import type { Desired, Track } from '../../../src/actors/mic/plan.ts';
import type { AzureAssignedIdentity } from '../../../src/model/kubernetes.ts';
import type { FactOf } from '../../../src/model/facts/index.ts';
import { newAssignedIdentity, replacedAssignedIdentity } from '../../../src/model/mic/assigned-identity.ts';
import type { DesiredAssignment } from '../../../src/model/mic-rows.ts';
import { SETTINGS_KEY } from '../../../src/model/settings.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { allCandidates, selectedPods } from './decisions.ts';

type Verdict = FactOf<'mic-removal-decided'>['verdict'];
type Item = Track['changes'][number];

/** Where the nodes are, and who is desired. */
interface Sight {
  readonly caches: Caches;
  readonly turn: Turn;
  readonly users: readonly DesiredAssignment[];
  readonly isAborted: boolean;
}

/** Plans a cycle. */
export function planTracks(findings: readonly Finding[], { winners }: Desired, caches: Caches, turn: Turn): readonly Track[] {
  const hasRemovals = findings.some(({ difference }) => difference === 'delete' || difference === 'update');
  const hosts = selectedPods(caches).flatMap(({ spec }) => caches.nodes.get(spec.nodeName ?? '') ?? []);
  const sight: Sight = {
    caches,
    turn,
    users: allCandidates(caches, turn).filter((row) => winners.get(row.name) === `${row.podKey} ${row.bindingKey}`),
    isAborted: hasRemovals && hosts.some(({ spec }) => spec.providerID !== '' && parts(spec.providerID) === undefined),
  };
  const tracks: { node: string; track: Track }[] = [];
  const on = (node: string): Track => {
    const known = tracks.find((entry) => entry.node === node);
    if (known !== undefined) return known.track;
    const track: Track = { name: node, kind: 'vm', resource: node, add: [], remove: [], changes: [], deletes: [] };
    tracks.push({ node, track });
    return track;
  };
  for (const finding of findings) fileOne(finding, on, sight);
  return merged(tracks, caches);
}

function fileOne({ difference, cached, desired }: Finding, on: (node: string) => Track, sight: Sight): void {
  if (cached !== undefined && (difference === 'delete' || difference === 'update')) {
    if (difference === 'delete') on(cached.spec.nodename).deletes.push(itemOf('delete', cached, sight));
    const verdict = verdictOn(cached, sight);
    const resource = scaleSetOf(cached.spec.nodename, sight.caches)?.name ?? cached.spec.nodename;
    const { resourceID } = cached.spec.azureIdentityRef.spec;
    sight.turn.fact({
      type: 'mic-removal-decided',
      replica: sight.turn.self,
      assigned: `${cached.metadata.namespace}/${cached.metadata.name}`,
      resource,
      identity: resourceID,
      verdict: sight.caches.nodes.get(cached.spec.nodename) === undefined ? 'nodeGone' : verdict,
    });
    if (verdict === 'remove') on(cached.spec.nodename).remove.push(resourceID);
  }
  const object = objectFor({ difference, cached, desired }, sight.caches);
  if (object === undefined || difference === 'delete') return;
  const track = on(object.spec.nodename);
  track.changes.push(itemOf(difference, object, sight));
  if (object.spec.azureIdentityRef.spec.type === 0) track.add.push(object.spec.azureIdentityRef.spec.resourceID);
}

function objectFor(
  { difference, cached, desired }: Pick<Finding, 'difference' | 'cached' | 'desired'>,
  caches: Caches,
): AzureAssignedIdentity | undefined {
  if (difference === 'retry') return cached;
  const identity = caches.identities.get(desired?.identityKey ?? '');
  const binding = caches.bindings.get(desired?.bindingKey ?? '');
  if (desired === undefined || identity === undefined || binding === undefined) return undefined;
  return cached === undefined
    ? newAssignedIdentity(desired, { identity, binding }, { status: 'Created', finalizer: 'on' })
    : replacedAssignedIdentity(cached, desired, { identity, binding });
}

function itemOf(kind: Item['kind'], object: AzureAssignedIdentity, sight: Sight): Item {
  const key = `${object.metadata.namespace}/${object.metadata.name}`;
  return { kind, key, object, isInUse: kind === 'delete' && isUsedByAnother(object, sight) };
}

function verdictOn(going: AzureAssignedIdentity, sight: Sight): Verdict {
  if (sight.isAborted) return 'aborted';
  if (going.status.status === 'Created' || going.status.status === 'Unassigned') return 'notAssigned';
  const { type, clientID } = going.spec.azureIdentityRef.spec;
  if (type !== 0) return 'notUserAssigned';
  const settings = sight.turn.table('settings').get(SETTINGS_KEY);
  const flagged = [...(settings?.immutableClientIds ?? []), ...sight.turn.knob('mic.immutableIds').split(',')];
  const own = settings?.clusterIdentityClientId ?? '';
  const isKept = flagged.some((id) => id !== '' && id.toLowerCase() === clientID) || (own !== '' && own === clientID);
  if (isKept) return 'immutable';
  return isUsedByAnother(going, sight) ? 'inUse' : 'remove';
}

function isUsedByAnother(going: AzureAssignedIdentity, { users, caches, isAborted }: Sight): boolean {
  const { pod, nodename, azureIdentityRef } = going.spec;
  const group = isAborted ? undefined : scaleSetOf(nodename, caches)?.group;
  return users.some(
    (user) =>
      user.pod !== pod &&
      user.clientID === azureIdentityRef.spec.clientID &&
      (user.node === nodename || (group !== undefined && scaleSetOf(user.node, caches)?.group === group)),
  );
}

/** One track for each scale set; of groups with one bare name the last to appear has it. */
function merged(tracks: readonly { readonly node: string; readonly track: Track }[], caches: Caches): readonly Track[] {
  const all = new Map<string, Track>();
  const groups = new Map<string, Track>();
  for (const { node, track } of tracks) {
    const place = scaleSetOf(node, caches);
    if (place === undefined) {
      const isGone = caches.nodes.get(node) === undefined;
      all.set(
        node,
        isGone ? { name: node, kind: 'node', resource: node, add: [], remove: [], changes: [], deletes: track.deletes } : track,
      );
      continue;
    }
    const old = groups.get(place.group);
    const joined: Track = {
      name: place.name,
      kind: 'vmss',
      resource: place.name,
      add: [...(old?.add ?? []), ...track.add],
      remove: [...(old?.remove ?? []), ...track.remove],
      changes: [...(old?.changes ?? []), ...track.changes],
      deletes: [...(old?.deletes ?? []), ...track.deletes],
    };
    if (old === undefined || all.get(place.name) === old) all.set(place.name, joined);
    groups.set(place.group, joined);
  }
  return [...all.values()];
}

function scaleSetOf(node: string, caches: Caches): { readonly group: string; readonly name: string } | undefined {
  const place = parts(caches.nodes.get(node)?.spec.providerID ?? '');
  if (place?.type !== 'virtualMachineScaleSets') return undefined;
  return { group: `${place.subscription}/${place.group}/${place.name}`, name: place.name };
}

function parts(
  providerID: string,
): { readonly subscription: string; readonly group: string; readonly type: string; readonly name: string } | undefined {
  const found = /subscriptions\/(.+)\/resourceGroups\/(.+)\/providers\/(.+?)\/(.+?)\/(.+)/i.exec(providerID);
  if (found === null) return undefined;
  const [, subscription = '', group = '', , type = '', rest = ''] = found;
  return { subscription, group, type, name: rest.split('/')[0] ?? '' };
}
