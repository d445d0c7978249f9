/**
 * The logs an auditor has, row by row, and beside each row what really happened.
 *
 * Follows the tables of Azure Monitor: AADManagedIdentitySignInLogs (no caller address, one row per token issued and none for a token
 * out of a cache), AADServicePrincipalSignInLogs (address and credential key as well), and the access logs of the services (principal,
 * operation, status, caller address). Simplified: the sign-in log groups rows of equal principal and resource; here each stands alone.
 * A row that the log has forgotten by the end of the run is not shown.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { byText } from '../watcher.ts';
import type { Run, Stamped } from '../watcher.ts';
import type { Observer } from '../../kernel/world.ts';
import type { Identity } from '../../model/vocabulary.ts';

/** A row of a sign-in log, with the fields that log has. */
export interface SignInRow {
  readonly log: 'AADManagedIdentitySignInLogs' | 'AADServicePrincipalSignInLogs';
  /** Moment of the sign-in, and when the row can be read [µs]. */
  readonly timeGenerated: Moment;
  readonly visibleAt: Moment;
  readonly servicePrincipalId: string;
  readonly servicePrincipalName: string;
  readonly appId: string;
  readonly resource: string;
  readonly uniqueTokenIdentifier: string;
  /** Only the log of service principals has it. */
  readonly servicePrincipalCredentialKeyId?: string;
  /** Subject of the service account: in the managed-identity log, where workload identity was used. */
  readonly federatedSubject?: string;
  /** Pods that were given this token: the truth, which no log has. */
  readonly truth: readonly string[];
}

/** A row of a service's access log. */
export interface AccessRow {
  readonly service: string;
  readonly timeGenerated: Moment;
  readonly visibleAt: Moment;
  readonly operation: string;
  readonly servicePrincipalId: string;
  readonly servicePrincipalName: string;
  readonly appId: string;
  readonly callerIpAddress: string;
  readonly httpStatus: number;
  /** How many pods the log leaves possible: by principal alone, and by principal and caller address together. */
  readonly candidates: { readonly byPrincipal: number; readonly byPrincipalAndAddress: number };
  /** The pod that did it. */
  readonly truth: string;
}

/** A sign-in as Entra or IMDS stated it. */
type SignIn = FactOf<'aad-token-issued'> | FactOf<'cached-token-logged'>;

/** Collects the logs of one run. */
export class AuditTrail implements Observer<Identity> {
  readonly #signIns: { readonly at: Moment; readonly name: string; readonly fact: SignIn }[] = [];
  readonly #accesses: { readonly at: Moment; readonly name: string; readonly fact: FactOf<'service-answered'> }[] = [];
  readonly #holders = new Map<string, Set<string>>();
  readonly #users = new Map<string, Set<string>>();
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  onFact({ fact, at }: Stamped): void {
    if (fact.type === 'aad-token-issued' || fact.type === 'cached-token-logged')
      this.#signIns.push({ at, name: this.#nameOf(fact.objectId), fact });
    else if (fact.type === 'token-answered') enter(this.#holders, fact.uti, fact.pod);
    else if (fact.type === 'service-answered') {
      this.#accesses.push({ at, name: this.#nameOf(fact.objectId), fact });
      enter(this.#users, fact.objectId, fact.sender);
      enter(this.#users, `${fact.objectId}|${fact.callerIP}`, fact.sender);
    }
  }

  /** Rows of both sign-in logs that are still kept, by the moment of the sign-in. */
  signIns(): readonly SignInRow[] {
    return this.#signIns
      .filter(({ fact }) => fact.keptUntil >= this.#run.now)
      .map(({ at, name, fact }) => ({
        log: isOfApplication(fact) ? 'AADServicePrincipalSignInLogs' : 'AADManagedIdentitySignInLogs',
        timeGenerated: at,
        visibleAt: fact.loggedAt,
        servicePrincipalId: fact.objectId,
        servicePrincipalName: name,
        appId: fact.appId,
        resource: fact.audience,
        uniqueTokenIdentifier: fact.uti,
        ...(isOfApplication(fact) ? { servicePrincipalCredentialKeyId: fact.keyId } : {}),
        ...('federatedSubject' in fact ? { federatedSubject: fact.federatedSubject } : {}),
        truth: [...(this.#holders.get(fact.uti) ?? [])].sort(byText),
      }));
  }

  /** Sign-ins that the logs had and have forgotten by now. */
  get forgotten(): number {
    return this.#signIns.filter(({ fact }) => fact.keptUntil < this.#run.now).length;
  }

  /** Rows of the access logs of all services, by the moment of the access. */
  accesses(): readonly AccessRow[] {
    return this.#accesses.map(({ at, name, fact }) => ({
      service: fact.service,
      timeGenerated: at,
      visibleAt: fact.loggedAt,
      operation: fact.operation,
      servicePrincipalId: fact.objectId,
      servicePrincipalName: name,
      appId: fact.appId,
      callerIpAddress: fact.callerIP,
      httpStatus: fact.status,
      candidates: {
        byPrincipal: this.#users.get(fact.objectId)?.size ?? 0,
        byPrincipalAndAddress: this.#users.get(`${fact.objectId}|${fact.callerIP}`)?.size ?? 0,
      },
      truth: fact.sender,
    }));
  }

  /** The name as of now: a principal may be gone for good by the end. */
  #nameOf(objectId: string): string {
    return this.#run.table('servicePrincipals').get(objectId)?.displayName ?? '';
  }
}

function isOfApplication(fact: SignIn): fact is FactOf<'aad-token-issued'> {
  return fact.type === 'aad-token-issued' && fact.principalKind === 'application';
}

function enter(sets: Map<string, Set<string>>, key: string, member: string): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([member]));
  else known.add(member);
}
