/**
 * What IMDS says when it gives no token: the codes of its documentation, and the JSON body that carries one with a sentence.
 *
 * Follows Microsoft's reference of the token endpoint. 404, 410 and 429 have no code there.
 */

/** A code of the token endpoint. */
export type ImdsErrorCode = 'bad_request_102' | 'invalid_request' | 'unknown';

/** The body of an error. */
export function imdsErrorBody(code: ImdsErrorCode, description: string): string {
  return JSON.stringify({ error: code, error_description: description });
}

/** The sentence in a body, or the body itself where it is no such JSON. */
export function imdsSentence(body: string): string {
  if (!body.startsWith('{')) return body;
  const parsed = JSON.parse(body) as { readonly error_description?: string };
  return parsed.error_description ?? body;
}

/** Oldest version of the API that knows identities, and of the other metadata. Versions are dates; a later one is good as well. */
const OLDEST = { token: '2018-02-01', other: '2017-03-01' } as const;

/** Whether IMDS serves a request of that version. Simplified: every date since the oldest is a version. */
export function isServedVersion(version: string | undefined, of: keyof typeof OLDEST): boolean {
  return version !== undefined && /^\d{4}-\d{2}-\d{2}$/u.test(version) && version >= OLDEST[of];
}
