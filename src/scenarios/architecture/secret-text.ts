/** The text of a client secret: what an application registration keeps and its pods hold. */

/** Text of the secret of an application. */
export function secretOf({ name }: { readonly name: string }): string {
  return `secret 1 of ${name}`;
}
