/**
 * Placeholders of published manifests: whole words such as RESOURCE_ID, with or without angle brackets.
 *
 * They are filled with what the scenario says (`fill:`), and, where it says nothing and has exactly one identity or application, with that.
 */
import { TENANT } from '../../model/azure.ts';
import { uuidOf } from '../../model/uuid.ts';
import type { ApplicationDescription, IdentityDescription } from '../description.ts';
import type { Path } from '../text/yaml-source.ts';
import { isRecord } from './fields.ts';

/** What placeholders of one file become. */
export interface Filling {
  /** As the scenario says, by placeholder without brackets. */
  readonly given: ReadonlyMap<string, string>;
  /** Subscription of the scenario. */
  readonly subscription: string;
  /** The only identity of the scenario; undefined if there are several, or none. */
  readonly onlyIdentity: IdentityDescription | undefined;
  /** The only application of the scenario; undefined if there are several, or none. */
  readonly onlyApplication: ApplicationDescription | undefined;
}

/** A placeholder that was filled without having been given. */
interface FilledPlaceholder {
  readonly path: Path;
  readonly placeholder: string;
  readonly value: string;
}

/** An object with its placeholders filled. */
export interface Filled {
  readonly value: unknown;
  /** Those that nobody gave. */
  readonly guessed: readonly FilledPlaceholder[];
  /** Names of those that were given and occur. */
  readonly used: ReadonlySet<string>;
}

/** Fills the placeholders in all texts of one object. */
export function fillObject(value: unknown, filling: Filling): Filled {
  const guessed: FilledPlaceholder[] = [];
  const used = new Set<string>();
  const guesses = guessesFor(value, filling);

  const fillText = (text: string, path: Path): string =>
    text.replace(WORD, (word: string) => {
      const name = word.replace(/[<>]/gu, '');
      const given = filling.given.get(name);
      if (given !== undefined) {
        used.add(name);
        return given;
      }
      const guess = guesses.get(name);
      // The name of an environment variable is no placeholder.
      if (guess === undefined || path.at(-1) === 'name') return word;
      guessed.push({ path, placeholder: word, value: guess });
      return guess;
    });
  const fill = (one: unknown, path: Path): unknown => {
    if (typeof one === 'string') return fillText(one, path);
    if (Array.isArray(one)) return one.map((item, index) => fill(item, [...path, index]));
    return isRecord(one) ? Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, fill(inner, [...path, key])])) : one;
  };
  return { value: fill(value, []), guessed, used };
}

/** A word in capitals, in angle brackets or bare; not `$(NAME)`, which Kubernetes itself expands. */
const WORD = /<[A-Za-z][\w-]*>|(?<![\w$({-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?![\w-])/gu;

function guessesFor(object: unknown, filling: Filling): ReadonlyMap<string, string> {
  const guesses = new Map<string, string>();
  if (!isRecord(object)) return guesses;
  const application = filling.onlyApplication;
  if (object['kind'] === 'Secret') return credentialGuesses(application);
  guesses.set('SUBSCRIPTION_ID', filling.subscription).set('TENANT_ID', TENANT);
  const principal = servicePrincipalOf(object);
  if (principal !== undefined) return guesses.set('CLIENT_ID', application?.clientId ?? uuidOf(`application of ${principal}`));
  const identity = filling.onlyIdentity;
  if (identity === undefined) return guesses;
  for (const name of ['RESOURCE_ID', 'IDENTITY_RESOURCE_ID']) guesses.set(name, identity.id);
  for (const name of ['CLIENT_ID', 'IDENTITY_CLIENT_ID']) guesses.set(name, identity.clientId);
  return guesses.set('IDENTITY_NAME', identity.name).set('RESOURCE_GROUP', identity.resourceGroup);
}

/** What the Secret of a service principal holds; nothing where it is not clear whose it is. */
function credentialGuesses(application: ApplicationDescription | undefined): ReadonlyMap<string, string> {
  const guesses = new Map<string, string>();
  const first = (kind: 'secret' | 'certificate'): string | undefined =>
    application?.credentials.find((credential) => credential.kind === kind)?.value;
  const [secret, certificate] = [first('secret'), first('certificate')];
  if (secret !== undefined) guesses.set('CLIENT_SECRET', secret);
  if (certificate !== undefined) guesses.set('CERTIFICATE', certificate);
  return guesses;
}

/** Name of an AzureIdentity that stands for a service principal: its client id is not that of a managed identity. */
function servicePrincipalOf(object: Readonly<Record<string, unknown>>): string | undefined {
  const { kind, metadata, spec } = object;
  if (kind !== 'AzureIdentity' || !isRecord(spec) || (spec['type'] !== 1 && spec['type'] !== 2)) return undefined;
  return isRecord(metadata) ? String(metadata['name']) : '';
}
