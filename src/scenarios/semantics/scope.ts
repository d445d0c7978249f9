/** Looks up what a scenario refers to by name, and reports names that nothing has. */
import type { Duration } from '../../kernel/time.ts';
import { resourceId } from '../../model/azure.ts';
import { groupOf } from '../../model/directory.ts';
import type { DirectoryGroup } from '../../model/directory.ts';
import type { PrincipalRef, ResourceRef, ServicePrincipalRef } from '../../model/messages/arm.ts';
import type { ServiceRow } from '../../model/workload.ts';
import type { ApplicationDescription, IdentityDescription, NodePoolDescription } from '../description.ts';
import type { CredentialDescription } from '../description/azure-start.ts';
import { nodeOfPool, scaleSetOfPool } from '../description.ts';
import type { Findings } from '../findings.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path, YamlDocument } from '../text/yaml-source.ts';
import type { DeclaredNames } from './declared-names.ts';

/** Where the resources of a scenario are. */
export interface Location {
  readonly subscription: string;
  readonly resourceGroup: string;
}

/** What a scenario has, by name. Filled while its world is read. */
export class Scope {
  readonly document: YamlDocument;
  readonly findings: Findings;
  readonly names: DeclaredNames;
  readonly location: Location;
  /** Absent when the horizon itself is wrong. */
  readonly horizon: Duration | undefined;
  /** Every identity, of the start and of the story. */
  readonly identities = new Map<string, IdentityDescription>();
  /** App registrations of the start. */
  readonly applications = new Map<string, ApplicationDescription>();
  /** Credentials of applications, of the start and of the story, by `APPLICATION/KEY`. */
  readonly credentials = new Map<string, Pick<CredentialDescription, 'kind' | 'value'>>();
  readonly services = new Map<string, ServiceRow>();
  readonly pools = new Map<string, NodePoolDescription>();
  /** Times of the steps that have a key. */
  readonly stepTimes = new Map<string, Duration>();
  /** Client ids, in lower case, that identities get when a step makes them again under their name. */
  readonly remadeClientIds = new Set<string>();
  /** Names of the identities of the start. */
  readonly identitiesAtStart = new Set<string>();
  /** Issuer of the cluster's service accounts: what a federated credential trusts that names none. */
  issuer = '';
  /** How pod identity is installed, if it is. */
  podIdentityMode: 'none' | 'standard' | 'managed' = 'none';
  /** Names of the identities that steps read so far create. */
  readonly createdIdentities = new Set<string>();

  constructor(parts: Pick<Scope, 'document' | 'findings' | 'names' | 'location' | 'horizon'>) {
    this.document = parts.document;
    this.findings = parts.findings;
    this.names = parts.names;
    this.location = parts.location;
    this.horizon = parts.horizon;
  }

  /** Reports a problem in the scenario file. */
  problem(path: Path, rule: string): void {
    this.findings.problem(this.document, path, rule);
  }

  /** Reports something in the scenario file that may not do what its author thinks. */
  warning(path: Path, text: string): void {
    this.findings.warning(this.document, path, text);
  }

  /** The identity of that name, of the start or of the story. */
  identity(name: string, path: Path): IdentityDescription | undefined {
    return this.#found(this.identities, 'identity', name, path, this.names.identities);
  }

  /** The application of that name. */
  application(name: string, path: Path): ApplicationDescription | undefined {
    return this.#found(this.applications, 'application', name, path, this.names.applications);
  }

  /** Client id of the identity or application of that name. */
  clientId(name: string, path: Path): string | undefined {
    return (this.names.applications.has(name) ? this.application(name, path) : this.identity(name, path))?.clientId;
  }

  /** The service of that name. */
  service(name: string, path: Path): ServiceRow | undefined {
    return this.#found(this.services, 'service', name, path, this.names.services);
  }

  /** The node pool of that name. */
  pool(name: string, path: Path): NodePoolDescription | undefined {
    return this.#found(this.pools, 'node pool', name, path, this.names.pools);
  }

  /** The machine `vm:NAME` or `vmss:NAME`, or those of `pool:NAME`. */
  machines(text: string, path: Path): readonly ResourceRef[] {
    if (!text.startsWith('pool:')) {
      const one = this.machine(text, path);
      return one === undefined ? [] : [one];
    }
    const pool = this.pool(text.slice('pool:'.length), path);
    if (pool === undefined) return [];
    if (pool.kind === 'vmss') return [{ kind: 'vmss', name: scaleSetOfPool(pool) }];
    return Array.from({ length: pool.nodes }, (_, n) => ({ kind: 'vm', name: nodeOfPool(pool, n) }));
  }

  /** The machine `vm:NAME` or `vmss:NAME`; the scale set of a pool counts. */
  machine(text: string, path: Path): ResourceRef | undefined {
    const [, kind, name] = /^(vm|vmss):(.+)$/u.exec(text) ?? [];
    if ((kind !== 'vm' && kind !== 'vmss') || name === undefined) {
      this.problem(path, `must be vm:NAME or vmss:NAME, not "${text}"`);
      return undefined;
    }
    if (this.names.machines.has(text) || this.#isOfPool(kind, name)) return { kind, name };
    this.problem(path, unknownRule(kind === 'vm' ? 'VM' : 'scale set', text, [...this.names.machines]));
    return undefined;
  }

  /** ARM id of a VM or scale set. */
  resourceIdOf(resource: ResourceRef): string {
    const type = resource.kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets';
    return resourceId({ ...this.location, provider: 'Microsoft.Compute', type, name: resource.name });
  }

  /** The group of that name. */
  group(name: string, path: Path): DirectoryGroup | undefined {
    if (this.names.groups.has(name)) return groupOf(name);
    this.problem(path, unknownRule('group', name, [...this.names.groups]));
    return undefined;
  }

  /** Who a role is for: a service principal, or `group:NAME`. */
  holder(text: string, path: Path): PrincipalRef | undefined {
    if (!text.startsWith('group:')) return this.principal(text, path);
    const group = this.group(text.slice('group:'.length), path);
    return group === undefined ? undefined : { group: group.name, objectId: group.objectId };
  }

  /** A service principal: of an identity or application by name, or of the system-assigned identity of `vm:NAME` or `vmss:NAME`. */
  principal(text: string, path: Path): ServicePrincipalRef | undefined {
    if (/^(vm|vmss):/u.test(text)) {
      const machine = this.machine(text, path);
      return machine === undefined ? undefined : { systemAssignedOf: machine };
    }
    if (this.names.applications.has(text)) {
      const application = this.application(text, path);
      return application === undefined ? undefined : { application: text, objectId: application.objectId };
    }
    const identity = this.identity(text, path);
    return identity === undefined ? undefined : { identity: identity.id };
  }

  /** Scope of a role: that of a service by name, or an ARM scope as it is. */
  roleScope(text: string, path: Path): string | undefined {
    return text.startsWith('/') ? text : this.service(text, path)?.scope;
  }

  /** Name of a node: `POOL/N`, or as it is. One that the pool does not have at the start is a warning: it may come later, or never. */
  node(text: string, path: Path): string | undefined {
    const [, poolName, number] = /^([^/]+)\/(\d+)$/u.exec(text) ?? [];
    if (poolName === undefined) {
      for (const pool of this.pools.values()) {
        for (let n = 0; n < pool.nodes; n += 1) if (nodeOfPool(pool, n) === text) return text;
      }
      const examples = [...this.pools.keys()].map((name) => `${name}/0`);
      this.problem(
        path,
        `${unknownRule('node', text, [])}; nodes are named POOL/N${examples.length === 0 ? '' : `, such as ${examples.join(', ')}`}`,
      );
      return undefined;
    }
    const pool = this.pool(poolName, path);
    if (pool === undefined) return undefined;
    const n = Number(number);
    if (n >= pool.nodes)
      this.warning(
        path,
        `pool ${pool.name} starts with ${String(pool.nodes)} nodes, numbered from 0: node ${text} is there only if the story adds it`,
      );
    return nodeOfPool(pool, n);
  }

  #found<T>(things: ReadonlyMap<string, T>, what: string, name: string, path: Path, declared: ReadonlySet<string>): T | undefined {
    const thing = things.get(name);
    // What is declared, but was wrong in itself, has its problem already.
    if (thing === undefined && !declared.has(name)) this.problem(path, unknownRule(what, name, [...declared]));
    return thing;
  }

  #isOfPool(kind: 'vm' | 'vmss', name: string): boolean {
    const pools = [...this.pools.values()].filter((pool) => pool.kind === kind);
    return pools.some((pool) => (kind === 'vmss' ? scaleSetOfPool(pool) === name : name.startsWith(`aks-${pool.name}-vm-`)));
  }
}
