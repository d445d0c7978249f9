/** Resolves app registrations, their credentials, and the steps that change them. */
import { ORIGIN, after, days, parseDuration } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { uuidOf } from '../../model/uuid.ts';
import type { StepAction } from '../description.ts';
import type { CredentialDescription } from '../description/azure-start.ts';
import { parseOffset } from '../schema/fields.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import type { StepSource } from '../schema/story-schema.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import { federatedOf } from './federated.ts';
import type { Scope } from './scope.ts';

type ApplicationSource = NonNullable<NonNullable<ScenarioSource['world']>['applications']>[number];
type CredentialSource = NonNullable<ApplicationSource['credentials']>[number];

/** When credentials began of which nobody says it: old enough for every replica of the directory. */
const LONG_AGO = after(ORIGIN, days(-30));

/** Puts an application and its credentials in scope. */
export function declareApplication(
  scope: Scope,
  { name, clientID, credentials = [{ key: 'key1' }], federated = [] }: ApplicationSource,
): void {
  const described = credentials.map((source) => credentialOf(name, source));
  for (const { keyId, kind, value } of described) scope.credentials.set(`${name}/${keyId}`, { kind, value });
  const clientId = clientID ?? uuidOf(`client of application ${name}`);
  const objectId = uuidOf(`principal of application ${name}`);
  const trusts = federated.map((one) => federatedOf(scope, one));
  scope.applications.set(name, { name, clientId, objectId, credentials: described, federated: trusts });
}

/** Puts the secrets that the story adds in scope: manifests refer to them. */
export function declareRotations(scope: Scope, story: readonly StepSource[]): void {
  for (const [index, { rotate }] of story.entries()) {
    if (rotate === undefined) continue;
    const { keyId, value } = newSecret(rotate, index);
    scope.credentials.set(`${rotate.clientSecretOf}/${keyId}`, { kind: 'secret', value });
  }
}

/** The action of a step that changes credentials of an application; undefined for other verbs, and where something is wrong. */
export function credentialAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { rotate, removeCredential } = source;
  if (rotate !== undefined) {
    const application = scope.application(rotate.clientSecretOf, [...path, 'rotate', 'clientSecretOf']);
    if (application === undefined) return undefined;
    const life = parseDuration(rotate.lifetime ?? '');
    const change = { type: 'CredentialWanted', objectId: application.objectId, kind: 'secret' } as const;
    const { others = 'kept' } = rotate;
    return {
      verb: 'changeCredential',
      application: application.name,
      change: { ...change, ...newSecret(rotate, Number(path[1])), ...(life === undefined ? {} : { life }), others },
    };
  }
  if (removeCredential === undefined) return undefined;
  const { of: name, key } = removeCredential;
  const application = scope.application(name, [...path, 'removeCredential', 'of']);
  if (application === undefined) return undefined;
  if (!scope.credentials.has(`${name}/${key}`)) {
    scope.problem([...path, 'removeCredential', 'key'], unknownRule(`credential of ${name}`, key, keysOf(scope, name)));
    return undefined;
  }
  return {
    verb: 'changeCredential',
    application: name,
    change: { type: 'CredentialUnwanted', objectId: application.objectId, keyId: key },
  };
}

/** The credential that `application:NAME.secret` or `.certificate` means: the first of that kind, or the one of that key. */
export function referredValue(
  scope: Scope,
  wanted: { readonly application: string; readonly kind: string; readonly key: string | undefined },
): string | undefined {
  const { application, kind, key } = wanted;
  for (const [place, credential] of scope.credentials) {
    const isMeant = key === undefined ? place.startsWith(`${application}/`) : place === `${application}/${key}`;
    if (isMeant && credential.kind === kind) return credential.value;
  }
  return undefined;
}

function keysOf(scope: Scope, application: string): readonly string[] {
  return [...scope.credentials.keys()].flatMap((place) =>
    place.startsWith(`${application}/`) ? [place.slice(application.length + 1)] : [],
  );
}

function newSecret(rotate: NonNullable<StepSource['rotate']>, index: number): { readonly keyId: string; readonly value: string } {
  const { clientSecretOf: name, key: keyId = `rotated-${String(index)}` } = rotate;
  return { keyId, value: rotate.value ?? valueOf(name, keyId) };
}

function credentialOf(name: string, source: CredentialSource): CredentialDescription {
  const { key, kind = 'secret', value = valueOf(name, key) } = source;
  const notBefore = momentOf(source.notBefore) ?? LONG_AGO;
  const notAfter = momentOf(source.expires);
  return { kind, keyId: key, value, notBefore, ...(notAfter === undefined ? {} : { notAfter }) };
}

/** A secret that nobody wrote down: made from its name, always the same. */
function valueOf(application: string, key: string): string {
  return uuidOf(`secret ${key} of application ${application}`);
}

function momentOf(text: string | undefined): Moment | undefined {
  const offset = text === undefined ? undefined : parseOffset(text);
  return offset === undefined ? undefined : after(ORIGIN, offset as Duration);
}
