/** What Entra's error codes mean, in a few words of ours. */
const MEANING: Readonly<Record<string, string>> = {
  AADSTS50196: 'too many requests',
  AADSTS70021: 'no federated credential matches, as far as the replica asked knows',
  AADSTS700016: 'no such application or managed identity',
  AADSTS700024: 'the token of the service account has expired',
  AADSTS700027: 'the key of the signature is not known',
  AADSTS700211: 'no federated credential names the issuer',
  AADSTS700212: 'no federated credential names the audience',
  AADSTS700213: 'no federated credential names the subject',
  AADSTS7000112: 'the application is disabled',
  AADSTS7000215: 'the client secret is wrong',
  AADSTS7000222: 'the client secret has expired',
  AADSTS7002138: 'a federated credential names the subject, in other letters of case',
  AADSTS90033: 'Entra fails for a while',
  AADSTS90061: 'the keys of the issuer could not be read',
};

/** `AADSTS7000222 (the client secret has expired)`; the code alone where it has no words. */
export function entraErrorWords(error: string): string {
  const meaning = Object.hasOwn(MEANING, error) ? MEANING[error] : undefined;
  return meaning === undefined ? error : `${error} (${meaning})`;
}
