/** Shape of `story:`: timed steps, each one thing that somebody does or that goes wrong. */
import { z } from 'zod';
import type { RulesDisturbance } from '../../model/messages/token.ts';
import { countField, durationField, nameField, textField } from './fields.ts';
import { parseTaintName } from '../../model/taints.ts';
import { federatedShape, holderShape, identitySchema, oneHolder, oneSubject } from './identity-schema.ts';
import { appRoleSchema, membershipSchema, principalField, rewriteCloudConfigSchema, roleSchema, scaleSetSchema, taintField, virtualMachineSchema } from './world-schema.ts';

/** Says how many of `names` a map has, unless it is exactly one. */
export function exactlyOneOf(names: readonly string[], what: string): (value: object, context: z.RefinementCtx) => void {
  return (value, context) => {
    const found = names.filter((name) => Object.hasOwn(value, name));
    if (found.length === 1) return;
    const message = found.length === 0 ? `needs ${what}` : `has ${found.join(' and ')}: needs exactly one`;
    context.addIssue({ code: 'custom', message });
  };
}

/** Values for placeholders of a manifest. */
export const fillSchema = z
  .record(z.string(), textField)
  .describe('Values for the placeholders of the file: a text, or identity:NAME.resourceID, identity:NAME.clientID.');

const fileSchema = z.strictObject({ file: textField.describe('Manifest, relative to the scenario.'), fill: fillSchema.optional() });

const scaleSchema = z.strictObject({
  deployment: nameField.optional(),
  statefulSet: nameField.optional(),
  nodePool: nameField.optional(),
  scaleSet: nameField.optional(),
  namespace: nameField.optional().describe('Default: default.'),
  to: countField(0, 100_000).describe('Wanted number.'),
})
  .superRefine(exactlyOneOf(['deployment', 'statefulSet', 'nodePool', 'scaleSet'], 'one of deployment, statefulSet, nodePool, scaleSet'));

const machineField = textField.describe('vm:NAME, vmss:NAME, or pool:NAME for the machines of a node pool.');

const faultActionSchema = z.union([
  z.literal('drop'),
  z.strictObject({
    delay: z.strictObject({ by: durationField }).optional(),
    answer: z
      .strictObject({
        status: countField(100, 599),
        code: textField.optional().describe('Error code, such as TooManyRequests.'),
        message: textField.optional(),
        retryAfter: durationField.optional(),
        retryAfterHeader: textField
          .optional()
          .describe('Retry-After as its text is sent, in place of retryAfter: whole seconds or an RFC 1123 date count, with 1 January 1970 as the present; anything else is as if it were not there.'),
      })
      .optional(),
  }).superRefine(exactlyOneOf(['delay', 'answer'], 'delay or answer')),
]);

const faultSchema = z.strictObject({
  id: nameField.describe('Name for restore.'),
  from: textField.optional().describe('Sender: actor id such as mic/*, or a prefix that ends in *.'),
  to: textField.optional().describe('Receiver, likewise, such as arm or imds/*.'),
  type: textField.optional().describe('Message type, such as ArmRequest.'),
  where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional().describe('Fields of the message that must be equal, by dotted path.'),
  probability: z.number().min(0, { error: 'must be from 0 to 1' }).max(1, { error: 'must be from 0 to 1' }).optional(),
  times: countField(1, 1_000_000).optional().describe('How many messages it takes before it is spent.'),
  do: faultActionSchema.describe('drop, delay: {by} or answer: {status, code, message, retryAfter}.'),
});

const DISTURBANCES = ['flush', 'reverse', 'precede', 'withdraw', 'block', 'unblock', 'lock'] as const satisfies readonly RulesDisturbance[];

const gapField = durationField.describe('Time between the read and the write; what happens in it, the write does not know.');

const aksUpdateSchema = z
  .strictObject({
    nodePool: nameField,
    to: countField(0, 1000).optional().describe('Wanted number of nodes. Default: as it is.'),
    identities: z.array(nameField).optional().describe('The list AKS writes. Default: none, so that what others have added goes.'),
    gap: gapField.optional(),
  })
  .describe('AKS upgrades or scales a node pool: it writes the whole scale set, with its own list of identities.');

const terraformSchema = z
  .strictObject({ to: machineField, identities: z.array(nameField).describe('The whole list.'), gap: gapField.optional() })
  .describe('Terraform replaces the user-assigned identities of machines by its list.');

const trafficSchema = z
  .strictObject({
    of: machineField.describe('vm:NAME, vmss:NAME, pool:NAME for the machines of a node pool, or identity:NAME for reads of an identity.'),
    op: z.enum(['read', 'instanceView', 'update']).optional().describe('Default update: a write that changes no identity. instanceView: the costly read with the states of instances.'),
    every: durationField,
    for: durationField,
    as: nameField.optional().describe('Name of the client, default other; each is a principal of its own.'),
  })
  .describe('Another client of ARM at a steady rate, which takes from the same throttles.');

const NODE = 'its name, or POOL/N for the N-th of a pool, from 0';

const taintSchema = z
  .strictObject({ node: textField.describe(`A node: ${NODE}.`), taints: z.array(taintField).min(1, { error: 'must list at least one taint' }) })
  .describe('kubectl taint: a node gets taints. NoExecute drives out the pods that do not tolerate it.');

const untaintSchema = z
  .strictObject({
    node: textField.describe(`A node: ${NODE}.`),
    taints: z
      .array(textField.refine((text) => parseTaintName(text) !== undefined, { error: 'must be key, or key:Effect' }))
      .min(1, { error: 'must list at least one taint' })
      .describe('key:Effect, or key for every effect.'),
  })
  .describe('kubectl taint with a minus: a node loses taints.');

const podIdentityShape = {
  name: nameField.describe('Name of the pod identity, and selector of its binding.'),
  namespace: nameField.optional().describe('Default: default.'),
};

/** Verbs of the story with the shape of their objects. */
const verbs = {
  apply: z.union([z.array(z.looseObject({})).min(1, { error: 'must list at least one object' }), fileSchema]).describe('kubectl apply of Kubernetes objects, or of a file.'),
  delete: z.array(textField).min(1, { error: 'must name at least one object' }).describe('kubectl delete: Kind/name, or Kind/namespace/name. A * in namespace or name stands for any text: all that match then are deleted, such as Pod/default/shop-*, or AzureIdentity/*/* as when their CRD is deleted.'),
  deleteNamespace: nameField.describe('kubectl delete namespace.'),
  scale: scaleSchema.describe('Another number of replicas, nodes or instances.'),
  drain: textField.describe('kubectl drain of a node: its name, or POOL/N for the N-th of a pool, from 0.'),
  cordon: textField.describe(`kubectl cordon: no more pods are placed on a node: ${NODE}.`),
  uncordon: textField.describe(`kubectl uncordon of a node: ${NODE}.`),
  taint: taintSchema,
  untaint: untaintSchema,
  reboot: textField.describe(`The machine under a node reboots, for node.reboot.duration: ${NODE}. Pods stay bound to it and start again.`),
  failNode: textField.describe(`The machine under a node fails and stays down until AKS repairs it (node.autoRepair.detect): ${NODE}.`),
  evictSpot: textField.describe(`Azure takes a spot VM back: AKS cordons and drains its node, and after vm.spot.notice the VM is gone: ${NODE}.`),
  removeNode: z.union([textField, z.strictObject({ node: textField, how: z.enum(['lost', 'deleted']).optional() })]).describe('A node goes: deleted with its VM (default), or lost without warning.'),
  roll: z.strictObject({ credentialOf: textField }).describe('The platform rolls the credential of an identity, or of vm:NAME or vmss:NAME, now.'),
  rotate: z
    .strictObject({
      clientSecretOf: nameField.describe('Application that gets a new secret.'),
      key: nameField.optional().describe('Key id of the new secret, default rotated-N, N the number of the step from 0.'),
      value: textField.optional().describe('The new secret. Default: made from application and key.'),
      lifetime: durationField.optional().describe('Default: such as people choose.'),
      others: z.enum(['kept', 'removed']).optional().describe('What becomes of its other credentials, default kept.'),
    })
    .describe('Somebody adds a secret to an application. Who is to use it has to be told, such as by apply of a Secret.'),
  removeCredential: z.strictObject({ of: nameField, key: nameField }).describe('Somebody removes a credential of an application.'),
  addToGroup: membershipSchema.describe('Somebody puts a principal into a group.'),
  removeFromGroup: membershipSchema.describe('Somebody takes a principal out of a group. Its tokens go on saying that it is in there.'),
  assignAppRole: appRoleSchema.describe('A principal is given an application role.'),
  removeAppRole: appRoleSchema.describe('An application role is taken from a principal.'),
  disablePrincipal: principalField.describe('Somebody blocks the sign-in of a principal: Entra gives it no more tokens; those it has go on.'),
  enablePrincipal: principalField.describe('The sign-in of a principal is let in again.'),
  revokeTokens: nameField.describe('Somebody revokes all tokens of a user-assigned identity; what that does is mi.revokeTokens.enabled.'),
  deleteApplication: nameField.describe('An app registration is deleted with its service principal: softly, for 30 days.'),
  restoreApplication: nameField.describe('A deleted app registration is restored, as it was.'),
  purgeApplication: nameField.describe('A deleted app registration is deleted for good.'),
  rewriteCloudConfig: rewriteCloudConfigSchema,
  createIdentity: identitySchema.omit({ resourceID: true, federated: true }).describe('A user-assigned identity is created.'),
  deleteIdentity: nameField.describe('A user-assigned identity is deleted.'),
  putFederatedCredential: z
    .strictObject({ ...holderShape, ...federatedShape })
    .superRefine(oneHolder)
    .superRefine(oneSubject)
    .describe('A federated credential of an identity or application is created, or written anew under its name.'),
  rotateSigningKeys: z.literal('cluster').describe('The cluster signs the tokens of its service accounts with a new key; the one before is believed for a while.'),
  deleteFederatedCredential: z
    .strictObject({ ...holderShape, name: nameField })
    .superRefine(oneHolder)
    .describe('A federated credential of an identity or application is deleted.'),
  putPodIdentity: z
    .strictObject({ ...podIdentityShape, identity: nameField })
    .describe('az aks pod-identity add: AKS puts the identity on its node pools and makes an AzureIdentity and a binding of that name. In managed mode.'),
  deletePodIdentity: z.strictObject(podIdentityShape).describe('az aks pod-identity delete.'),
  assignIdentity: z.strictObject({ identity: nameField, to: machineField, gap: gapField.optional() }).describe('A user-assigned identity is put on machines.'),
  unassignIdentity: z.strictObject({ identity: nameField, from: machineField, gap: gapField.optional() }).describe('A user-assigned identity is taken off machines.'),
  enableSystemAssigned: textField.describe('Machines get a system-assigned identity: vm:NAME, vmss:NAME, or pool:NAME for the machines of a node pool.'),
  disableSystemAssigned: textField.describe('Machines lose their system-assigned identity, written likewise.'),
  createVm: virtualMachineSchema.describe('A VM is created.'),
  createScaleSet: scaleSetSchema.describe('A scale set is created.'),
  deleteVm: nameField.describe('A VM is deleted.'),
  deleteScaleSet: nameField.describe('A scale set is deleted.'),
  assignRole: roleSchema.extend({ principalType: z.enum(['given', 'omitted']).optional().describe('omitted: Azure looks the principal up, and may not find a new one yet. Default given.') }).describe('A role is given to a principal.'),
  removeRole: roleSchema.describe('A role is taken from a principal.'),
  deleteResourceGroup: nameField.describe('A resource group is deleted with the machines and identities in it.'),
  deleteCluster: z.literal('cluster').describe('The cluster is deleted with the resource group of its nodes, as az aks delete does.'),
  aksUpdate: aksUpdateSchema,
  terraformApply: terraformSchema,
  armTraffic: trafficSchema,
  kill: z
    .strictObject({
      component: z.enum(['mic', 'nmi']),
      which: textField.optional().describe('leader (default for mic), all (default for nmi), or a node.'),
      signal: z.enum(['SIGTERM', 'SIGKILL']).optional().describe('Default SIGTERM.'),
    })
    .describe('A signal to processes of MIC or NMI.'),
  disturbRules: z
    .strictObject({
      node: textField.describe('A node: its name, or POOL/N; or all.'),
      how: z
        .enum(DISTURBANCES)
        .describe(
          'flush: the chain of NMI is emptied. reverse: its rules come back in the wrong order. precede, withdraw: a rule before the jump sends packets to IMDS, or is taken away. block, unblock: a policy drops packets to NMI. lock: the lock of xtables is held.',
        ),
      for: durationField.optional().describe('How long a lock is held, default 10s.'),
    })
    .describe("Somebody else changes the nat table of a node."),
  fault: faultSchema.describe('From now on the network follows this rule.'),
  stall: z
    .strictObject({
      id: nameField.describe('Name for restore.'),
      watcher: textField.describe('mic, or nmi:NODE.'),
      kind: textField.describe('Kubernetes kind whose changes it no longer sees.'),
      ends: z.enum(['restore', 'timeout']).optional().describe('restore, default: with a restore. timeout: also when the watch times out (watch.timeout), as a half-open connection does.'),
    })
    .describe('A watch goes quiet.'),
  freeze: z
    .strictObject({
      id: nameField.describe('Name for restore.'),
      component: z.enum(['mic', 'nmi']),
      which: textField.optional().describe('leader (default for mic), all (default for nmi), or a node.'),
      scope: z.enum(['process', 'machine']).optional().describe('machine (default): the whole node is paused, its kubelet with it. process: only that process; its liveness probe then fails.'),
    })
    .describe('Processes of MIC or NMI stop where they are, calls under way and all, until restore lets them run on.'),
  restore: nameField.describe('Ends the fault, stall or freeze of that id.'),
};

/** A verb of the story. */
export type Verb = keyof typeof verbs;

/** All verbs, as documented. */
const VERBS: readonly Verb[] = Object.keys(verbs) as Verb[];

/** A step: when, optionally a sentence, and exactly one verb. */
export const stepSchema = z
  .strictObject({
    at: durationField.describe('Time since the start.'),
    key: nameField.optional().describe('Name of the step, for what refers to it: after KEY in a measure, without: {step: KEY} of an incident.'),
    text: textField.optional().describe('Sentence for the report.'),
    ...optional(verbs),
  })
  .superRefine(exactlyOneOf(VERBS, `one verb: ${VERBS.join(', ')}`))
  .meta({ description: 'One step: at, text and one verb.', oneOf: VERBS.map((verb) => ({ required: [verb] })) });

/** A step as written. */
export type StepSource = z.infer<typeof stepSchema>;

type Optional<T extends Record<string, z.ZodType>> = { [K in keyof T]: z.ZodOptional<T[K]> };

function optional<T extends Record<string, z.ZodType>>(shape: T): Optional<T> {
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()])) as Optional<T>;
}
