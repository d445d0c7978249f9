/** Shape of identities in a scenario: user-assigned ones, app registrations, and the credentials of both. */
import { z } from 'zod';
import { nameField, offsetField, textField } from './fields.ts';

const trustedFields = {
  serviceAccount: textField.optional().describe('NAMESPACE/NAME of the service account it trusts.'),
  subject: textField.optional().describe('Its subject as a text, in place of a service account.'),
  issuer: textField.optional().describe('Default: the issuer of the cluster.'),
};

/** Whose it is. */
export const holderShape = {
  identity: nameField.optional().describe('Of a user-assigned identity: written through ARM.'),
  application: nameField.optional().describe('Of an app registration: written through Microsoft Graph.'),
};

/** What a federated credential has, in the world and in `putFederatedCredential`. */
export const federatedShape = {
  name: nameField.optional().describe('Default: made from the service account.'),
  ...trustedFields,
};

/** One subject, in one of two spellings. */
export function oneSubject(value: { readonly serviceAccount?: string | undefined; readonly subject?: string | undefined }, context: z.RefinementCtx): void {
  if ((value.serviceAccount === undefined) === (value.subject === undefined))
    context.addIssue({ code: 'custom', message: 'needs one of serviceAccount and subject' });
  if (value.serviceAccount !== undefined && !/^[^/]+\/[^/]+$/u.test(value.serviceAccount))
    context.addIssue({ code: 'custom', path: ['serviceAccount'], message: 'must be NAMESPACE/NAME' });
}

/** Whose federated credential: exactly one of the two. */
export function oneHolder(value: { readonly identity?: string | undefined; readonly application?: string | undefined }, context: z.RefinementCtx): void {
  if ((value.identity === undefined) === (value.application === undefined))
    context.addIssue({ code: 'custom', message: 'needs one of identity and application' });
}

const federatedSchema = z
  .strictObject({
    ...federatedShape,
    missingFrom: z
      .number({ error: 'must be a share from 0 to 1' })
      .min(0, { error: 'must be a share from 0 to 1' })
      .max(1, { error: 'must be a share from 0 to 1' })
      .optional()
      .describe('Share of the replicas of the directory that never got it. Default 0.'),
  })
  .superRefine(oneSubject)
  .describe('A federated credential: a service account whose tokens Entra takes for this identity or application.');

/** What identities have, in the world and in `createIdentity`. */
export const identitySchema = z
  .strictObject({
    name: nameField.describe('Name of the user-assigned identity.'),
    clientID: z.guid({ error: 'must be a client id such as 5ad5de2b-0ca4-4c4e-8d7c-1f2a3b4c5d6e' }).optional().describe('Default: made from the name, always the same.'),
    resourceGroup: nameField.optional().describe('Resource group of the identity, default idflow.'),
    resourceID: textField.optional().describe('Whole ARM id, instead of subscription, group and name.'),
    federated: z.array(federatedSchema).optional().describe('Federated credentials it has had for long.'),
  })
  .describe('A user-assigned managed identity.');

const credentialSchema = z
  .strictObject({
    key: nameField.describe('Key id, or thumbprint of a certificate.'),
    kind: z.enum(['secret', 'certificate']).optional().describe('Default secret.'),
    value: textField.optional().describe('The secret; of a certificate, a name of its private key. Default: made from application and key.'),
    notBefore: offsetField.optional().describe('From when it is valid, default -30d.'),
    expires: offsetField.optional().describe('When it expires. Default: a life such as people choose, from notBefore.'),
  })
  .describe('A credential of an application.');

/** What applications have in the world. */
export const applicationSchema = z
  .strictObject({
    name: nameField.describe('Name of the app registration; no identity has it.'),
    clientID: z.guid({ error: 'must be a client id such as 5ad5de2b-0ca4-4c4e-8d7c-1f2a3b4c5d6e' }).optional().describe('Default: made from the name, always the same.'),
    credentials: z.array(credentialSchema).optional().describe('Default: one secret, key1.'),
    federated: z.array(federatedSchema).optional().describe('Federated credentials it has had for long.'),
  })
  .describe('An app registration in Entra with its service principal.');
