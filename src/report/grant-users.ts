/** Which AzureAssignedIdentities stand behind each identity on each VM or scale set: kept up to date, so that nobody walks a cluster to know. */
import type { AzureAssignedIdentity } from '../model/kubernetes.ts';
import { keyOf } from '../model/kubernetes.ts';
import { identityOf, isNeeded, resourceOfNode } from './entitlement.ts';
import type { Run, Watcher, Write } from './watcher.ts';

/** An identity on a VM or scale set; both as lower-case ARM ids. */
export interface GrantName {
  readonly resource: string;
  readonly identity: string;
}

/** AzureAssignedIdentities by grant. */
export class GrantUsers implements Watcher {
  readonly #run: Run;
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #grantOf = new Map<string, GrantName>();

  constructor(run: Run) {
    this.#run = run;
    for (const assigned of run.table('azureAssignedIdentities').all()) this.#enter(keyOf(assigned), assigned);
  }

  onWrite(write: Write): void {
    if (write.table !== 'azureAssignedIdentities') return;
    const { key, before, after } = write.entry;
    // A change of status alone keeps its place: the order of users stays that of creation.
    if (after !== undefined && before?.spec === after.spec) return;
    const grant = this.#grantOf.get(key);
    if (grant !== undefined) {
      this.#grantOf.delete(key);
      const keys = this.#keysOf.get(nameOf(grant));
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOf.delete(nameOf(grant));
    }
    if (after !== undefined) this.#enter(key, after);
  }

  /** The grant behind an AzureAssignedIdentity, by its key; known also when the node is gone meanwhile. */
  grantOf(key: string): GrantName | undefined {
    return this.#grantOf.get(key);
  }

  /** Whether any AzureAssignedIdentity, needed or not, stands behind a grant. */
  has(grant: GrantName): boolean {
    return this.#keysOf.has(nameOf(grant));
  }

  /** The first user of a grant that a pod still needs and that the test accepts; undefined if there is none. */
  needing(grant: GrantName, test: (user: AzureAssignedIdentity) => boolean = () => true): AzureAssignedIdentity | undefined {
    for (const key of this.#keysOf.get(nameOf(grant)) ?? []) {
      const user = this.#run.table('azureAssignedIdentities').get(key);
      if (user !== undefined && test(user) && isNeeded(this.#run, user)) return user;
    }
    return undefined;
  }

  #enter(key: string, assigned: AzureAssignedIdentity): void {
    const identity = identityOf(assigned);
    const resource = resourceOfNode(this.#run, assigned.spec.nodename);
    if (identity === undefined || resource === undefined) return;
    const name = nameOf({ resource, identity });
    this.#grantOf.set(key, { resource, identity });
    const keys = this.#keysOf.get(name);
    if (keys === undefined) this.#keysOf.set(name, new Set([key]));
    else keys.add(key);
  }
}

function nameOf({ resource, identity }: GrantName): string {
  return `${resource}|${identity}`;
}
