/** Resolves groups, application roles, and the steps that change who has them. */
import type { ClaimDescription, StepAction } from '../description.ts';
import { groupOf } from '../../model/directory.ts';
import type { ClaimChange } from '../../model/directory.ts';
import type { StepSource } from '../schema/story-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';
import type { WorldSource } from './world.ts';

type AppRoleSource = NonNullable<StepSource['assignAppRole']>;

/** Who is in which group, and has which application role, at the start. */
export function readDirectory(scope: Scope, world: WorldSource): readonly ClaimDescription[] {
  const members = (world.groups ?? []).flatMap(({ name, members: all = [] }, index) =>
    all.flatMap((member, n) => held(scope, member, { ...groupClaim(name), path: ['world', 'groups', index, 'members', n] })),
  );
  const roles = (world.appRoles ?? []).flatMap((source, index) => {
    const path = ['world', 'appRoles', index];
    const claim = roleClaim(scope, source, path);
    return claim === undefined ? [] : held(scope, source.to, { ...claim, path: [...path, 'to'] });
  });
  return [...members, ...roles];
}

/** The action of a step that changes groups or application roles; undefined for other verbs, and where something is wrong. */
export function directoryAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { addToGroup, removeFromGroup, assignAppRole, removeAppRole } = source;
  if (addToGroup !== undefined) return membershipAction(scope, addToGroup, 'give', [...path, 'addToGroup']);
  if (removeFromGroup !== undefined) return membershipAction(scope, removeFromGroup, 'take', [...path, 'removeFromGroup']);
  if (assignAppRole !== undefined) return appRoleAction(scope, assignAppRole, 'give', [...path, 'assignAppRole']);
  return removeAppRole === undefined ? undefined : appRoleAction(scope, removeAppRole, 'take', [...path, 'removeAppRole']);
}

/** The action of a step that changes a principal as a whole; undefined for other verbs, and where something is wrong. */
export function principalAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { disablePrincipal, enablePrincipal, revokeTokens } = source;
  if (disablePrincipal !== undefined) {
    const of = scope.principal(disablePrincipal, [...path, 'disablePrincipal']);
    return of && { verb: 'changePrincipal', of, what: `Block the sign-in of ${disablePrincipal}`, change: 'disable' };
  }
  if (enablePrincipal !== undefined) {
    const of = scope.principal(enablePrincipal, [...path, 'enablePrincipal']);
    return of && { verb: 'changePrincipal', of, what: `Let ${enablePrincipal} sign in again`, change: 'enable' };
  }
  if (revokeTokens === undefined) return applicationAction(scope, source, path);
  const identity = scope.identity(revokeTokens, [...path, 'revokeTokens']);
  const what = `Revoke all tokens of ${revokeTokens}`;
  return identity && { verb: 'changePrincipal', of: { identity: identity.id }, what, change: 'revokeTokens' };
}

const OF_APPLICATIONS = [
  ['deleteApplication', 'delete', 'Delete'],
  ['restoreApplication', 'restore', 'Restore'],
  ['purgeApplication', 'purge', 'Delete for good'],
] as const;

function applicationAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  for (const [verb, change, said] of OF_APPLICATIONS) {
    const name = source[verb];
    if (name === undefined) continue;
    const application = scope.application(name, [...path, verb]);
    const of = application && { application: name, objectId: application.objectId };
    return of && { verb: 'changePrincipal', of, what: `${said} the application ${name}`, change };
  }
  return undefined;
}

function membershipAction(
  scope: Scope,
  source: NonNullable<StepSource['addToGroup']>,
  change: ClaimChange['change'],
  path: Path,
): StepAction | undefined {
  const of = scope.principal(source.member, [...path, 'member']);
  const group = scope.group(source.group, [...path, 'group']);
  if (of === undefined || group === undefined) return undefined;
  const { member } = source;
  const what = change === 'give' ? `Put ${member} into the group ${group.name}` : `Take ${member} out of the group ${group.name}`;
  return { verb: 'changeClaim', of, what, change: { ...groupClaim(group.name), change } };
}

function appRoleAction(scope: Scope, source: AppRoleSource, change: ClaimChange['change'], path: Path): StepAction | undefined {
  const of = scope.principal(source.to, [...path, 'to']);
  const claim = roleClaim(scope, source, path);
  if (of === undefined || claim === undefined) return undefined;
  const role = `the application role ${source.role} on ${source.on}`;
  const what = change === 'give' ? `Give ${source.to} ${role}` : `Take ${role} from ${source.to}`;
  return { verb: 'changeClaim', of, what, change: { ...claim, change } };
}

type Claim = Omit<ClaimChange, 'change'>;

function groupClaim(name: string): Claim {
  return { claim: 'groups', value: groupOf(name).objectId, audience: '' };
}

function roleClaim(scope: Scope, { role, on }: AppRoleSource, path: Path): Claim | undefined {
  const service = scope.service(on, [...path, 'on']);
  if (service === undefined) return undefined;
  if (service.kind === 'api') return { claim: 'roles', value: role, audience: service.audience };
  scope.problem([...path, 'on'], `${on} is no api: application roles are for those; write a role`);
  return undefined;
}

/** A claim that somebody has at the start, so he has to be there. */
function held(scope: Scope, name: string, { path, ...claim }: Claim & { readonly path: Path }): readonly ClaimDescription[] {
  const of = scope.principal(name, path);
  if (of === undefined) return [];
  if ('identity' in of && !scope.identitiesAtStart.has(name)) {
    scope.problem(path, `${name} does not exist at the start: the story creates it, and may add it then`);
    return [];
  }
  return [{ ...claim, of }];
}
