/**
 * Replay tokens: everything that decides a run, in one word that can be pasted into a shell, a mail or an issue.
 *
 *   idf1.<base64url of JSON>.<checksum>
 *
 * The JSON is a list: scenario, hash of its files, seed, overrides, order of ties, event. Trailing defaults are left out. A scenario that
 * stands in a file is only named, with a hash of its text, so a token stays short and says when the file is no longer the one it was made
 * from; a counterexample, which has no file, is carried whole (`inline:`).
 */
import { hashString, mix } from '../../kernel/random.ts';
import type { Overrides } from '../../model/calibration/index.ts';
import { fromBase64url, toBase64url } from './base64url.ts';

/** What a token holds. */
export interface ReplayRecipe {
  /** Name of a packaged scenario, path of a file, or `inline:` and the text. */
  readonly scenario: string;
  /** Hash of the scenario and its manifests, from {@link contentHash}. */
  readonly content: string;
  readonly seed: string;
  /** Knobs set beside the scenario's own. */
  readonly overrides: Overrides;
  readonly ties: 'fixed' | 'shuffled';
  /** Event to look at, if the token points at one. */
  readonly event?: number;
}

/** A recipe, or why the text is not a token. */
export type DecodedReplay = { readonly ok: true; readonly recipe: ReplayRecipe } | { readonly ok: false; readonly rule: string };

/** A reference that begins so is followed by the text of the scenario itself, which then needs no file. */
export const INLINE = 'inline:';

const PREFIX = 'idf1';
const CHECK_LENGTH = 6;

/** The token of a run. */
export function encodeReplay(recipe: ReplayRecipe): string {
  const { scenario, content, seed, overrides, ties, event } = recipe;
  const fields: unknown[] = [scenario, content, seed, sorted(overrides), ties === 'shuffled' ? 1 : 0, event ?? -1];
  const defaults = [undefined, undefined, undefined, '{}', '0', '-1'];
  while (fields.length > 3 && JSON.stringify(fields.at(-1)) === defaults[fields.length - 1]) fields.pop();
  const body = toBase64url(JSON.stringify(fields));
  return `${PREFIX}.${body}.${checksum(body)}`;
}

/** Reads a token; blanks around it are ignored. */
export function decodeReplay(token: string): DecodedReplay {
  const text = token.trim();
  const [prefix = '', body, check, ...more] = text.split('.');
  if (!/^idf\d+$/u.test(prefix)) return refused('a replay token begins with "idf1."');
  if (prefix !== PREFIX) return refused(`this token is of version ${prefix.slice(3)}; this program reads version 1`);
  if (body === undefined || check === undefined || more.length > 0)
    return refused('a replay token has three parts with dots between; is it cut off?');
  if (check !== checksum(body)) return refused('the checksum does not match: a character was lost or changed');
  return recipeOf(parsed(fromBase64url(body)));
}

/**
 * Hash of a scenario's files: 16 hexadecimal digits, independent of the order in which they were read.
 *
 * @param files - with paths as the scenario writes them, so that a moved folder keeps its hash
 */
export function contentHash(files: readonly { readonly path: string; readonly text: string }[]): string {
  const lines = files.map(({ path, text }) => `${path}\u0000${text}`).sort();
  return fingerprintOf(lines.join('\u0001'));
}

/** Two multiplicative lanes, mixed at the end: quick enough for whole files before a program is warm. Notices changes; not cryptographic. */
function fingerprintOf(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  return hex(mix(a, b)) + hex(mix(b, a));
}

function recipeOf(fields: unknown): DecodedReplay {
  const damaged = refused('the token holds no run: it was not made by this program');
  if (!Array.isArray(fields)) return damaged;
  const [scenario, content, seed, overrides = {}, ties = 0, event = -1] = fields as unknown[];
  if (typeof scenario !== 'string' || typeof content !== 'string' || typeof seed !== 'string') return damaged;
  if (!isOverrides(overrides) || (ties !== 0 && ties !== 1) || typeof event !== 'number' || !Number.isInteger(event)) return damaged;
  const recipe = { scenario, content, seed, overrides, ties: ties === 1 ? 'shuffled' : 'fixed' } as const;
  return { ok: true, recipe: event < 0 ? recipe : { ...recipe, event } };
}

function isOverrides(value: unknown): value is Overrides {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) =>
    Array.isArray(entry) ? entry.every(isScalar) : typeof entry === 'boolean' || isScalar(entry),
  );
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function sorted(overrides: Overrides): Overrides {
  const names = Object.keys(overrides).sort();
  return Object.fromEntries(names.flatMap((name) => (overrides[name] === undefined ? [] : [[name, overrides[name]]])));
}

function checksum(body: string): string {
  return hex(hashString(`${PREFIX} ${body}`)).slice(0, CHECK_LENGTH);
}

function hex(hash: number): string {
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function refused(rule: string): DecodedReplay {
  return { ok: false, rule };
}
