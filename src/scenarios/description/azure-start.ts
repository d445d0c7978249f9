/** What a scenario has in Azure: identities, roles, and machines outside the cluster. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { DirectoryClaim } from '../../model/directory.ts';
import type { PrincipalRef, ServicePrincipalRef } from '../../model/messages/arm.ts';

/** A user-assigned identity. */
export interface IdentityDescription {
  readonly name: string;
  readonly clientId: string;
  readonly resourceGroup: string;
  /** ARM id. */
  readonly id: string;
  /** It is an application registration with a client secret, which ends so long after the start. Absent: `secret.remaining`. */
  readonly secret?: { readonly expiresAt?: Duration };
  /** Federated credentials it has had for long. */
  readonly federated?: readonly FederatedDescription[];
}

/** A federated credential of an identity. */
export interface FederatedDescription {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  /** Share [0 to 1] of the directory's replicas that never got it. */
  readonly missingFrom: number;
}

/** A credential of an application. */
export interface CredentialDescription {
  readonly kind: 'secret' | 'certificate';
  readonly keyId: string;
  readonly value: string;
  readonly notBefore: Moment;
  /** Absent: a life such as people choose. */
  readonly notAfter?: Moment;
}

/** An app registration with its service principal. */
export interface ApplicationDescription {
  readonly name: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly credentials: readonly CredentialDescription[];
  /** Federated credentials it has had for long. */
  readonly federated: readonly FederatedDescription[];
}

/** A grant of a role. */
export interface RoleDescription {
  readonly to: PrincipalRef;
  /** Name of the principal as written: an identity's name, `vm:NAME`, `vmss:NAME` or `group:NAME`. */
  readonly toName: string;
  readonly role: string;
  /** Scope: that of a service, or any ARM scope. */
  readonly scope: string;
}

/** A membership of a group, or an application role, that a principal has had for long. */
export interface ClaimDescription extends Pick<DirectoryClaim, 'claim' | 'value' | 'audience'> {
  readonly of: ServicePrincipalRef;
}

/** A VM outside the cluster. */
export interface VirtualMachineDescription {
  readonly name: string;
  readonly systemAssigned: 'enabled' | 'disabled';
  /** ARM ids of the user-assigned identities it carries. */
  readonly identities: readonly string[];
}

/** A scale set outside the cluster. */
export interface ScaleSetDescription extends VirtualMachineDescription {
  /** Wanted number of instances [1] -- changes. */
  readonly instances: number;
}
