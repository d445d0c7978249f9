/** What a case has in the directory and at its key vault, as rows of the tables that Entra and the vault read. */
import { ORIGIN, after, days } from '../../../src/kernel/time.ts';
import { uuidOf } from '../../../src/model/uuid.ts';
import type { World } from '../../../src/scenarios/assemble/index.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from './objects.ts';
import type { DataMap } from './objects.ts';

const LONG_AGO = after(ORIGIN, days(-30));
const FAR = after(ORIGIN, days(3000));
/** A role with which secrets can be read. */
const READER_ROLE = 'Key Vault Secrets User';

/** Puts the service principals of a case into the directory. */
export function fillDirectory(world: Pick<World, 'fill'>, given: DataMap): void {
  for (const one of listAt(mapAt(given, 'aad'), 'servicePrincipals').filter(isMap)) {
    const appId = textAt(one, 'clientID');
    const objectId = objectIdOf(textAt(one, 'name'));
    const secret = {
      kind: 'secret',
      keyId: `secret of ${appId}`,
      value: textAt(one, 'secret'),
      notBefore: LONG_AGO,
      notAfter: FAR,
    } as const;
    world.fill('servicePrincipals', objectId, {
      objectId,
      appId,
      kind: 'application',
      displayName: textAt(one, 'name'),
      resourceId: '',
      createdAt: LONG_AGO,
      replicatedAt: LONG_AGO,
      credentials: [secret],
    });
  }
}

/** Lets the principals that may `get` secrets read the vault; other permissions do not help to read one. */
export function fillPermissions(world: World, given: DataMap): void {
  const vault = mapAt(given, 'keyVault');
  const scope = world.table('services').get(textAt(vault, 'name'))?.scope;
  if (scope === undefined) return;
  const policies = mapAt(vault, 'policies');
  for (const name of Object.keys(policies)) {
    if (!textsAt(policies, name).includes('get')) continue;
    const identity = world
      .table('userAssignedIdentities')
      .all()
      .find((one) => one.name === name);
    const principalId = identity?.principalId ?? objectIdOf(name);
    const id = `vault-${name}`;
    world.fill('roleAssignments', id, { id, principalId, role: READER_ROLE, scope, createdAt: LONG_AGO });
  }
}

function objectIdOf(name: string): string {
  return uuidOf(`service principal ${name}`);
}
