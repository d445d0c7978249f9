/** Shape of `world:`: identities, services, machines, and the cluster, as they are at the start. */
import { z } from 'zod';
import { patternOf } from '../../model/admission.ts';
import { parseTaint } from '../../model/taints.ts';
import { CLIENT_NAMES, CLIENT_PROFILES } from './client-names.ts';
import { countField, intervalField, nameField, textField } from './fields.ts';
import { applicationSchema, identitySchema } from './identity-schema.ts';

/** Most nodes of a pool, and most instances of a scale set. */
const MOST_INSTANCES = 1000;

const clientField = z.enum(CLIENT_NAMES).meta({
  description: `Token-client profile, default goLatest. ${CLIENT_NAMES.map((name) => `${name}: ${CLIENT_PROFILES[name]}`).join('. ')}.`,
});

const workloadShape = {
  name: nameField.describe('Name of the application; unique in the scenario.'),
  client: clientField.optional(),
  identity: nameField.optional().describe('Identity whose client id it asks for. Default: it names none.'),
  credential: z
    .enum(['managedIdentity', 'workloadIdentity', 'default'])
    .optional()
    .describe(
      'How it signs in. managedIdentity, default: at the metadata address. workloadIdentity: with the token of its service account, or not at all. default: as DefaultAzureCredential does, the one if the webhook gave it a token, else the other.',
    ),
  resource: textField.optional().describe('Audience it asks for. Default: that of the service it uses.'),
  uses: nameField.optional().describe('Service at which it uses its tokens.'),
  every: intervalField.optional().describe('Time between two uses, default 30s.'),
  path: textField.optional().describe('Path of its token requests, default /metadata/identity/oauth2/token. IMDS takes back-slashes for slashes and the first word in any letter case.'),
  bypassCache: z.literal('asked').optional().describe('Its requests carry bypass_cache=true, which no document of IMDS names. NMI hands it on to nobody.'),
  retryAfterDenial: z
    .union([z.literal('never'), intervalField])
    .optional()
    .describe('How soon the application itself asks again after a failed getToken or a 403, default 10s; or never.'),
};

/** An application on a machine. */
const workloadSchema = z.strictObject(workloadShape).describe('An application that needs tokens.');

const selectSchema = z
  .strictObject({
    namespace: nameField.optional().describe('Default: default.'),
    deployment: nameField.optional(),
    statefulSet: nameField.optional(),
    daemonSet: nameField.optional(),
    job: nameField.optional(),
    pod: nameField.optional(),
    initContainer: nameField.optional().describe('Its init container of that name runs it: it asks once, and ends with the answer. Of several they run one after the other.'),
    labels: z.record(z.string(), z.string()).optional().describe('Labels the pods carry.'),
  })
  .superRefine((value, context) => {
    const owners = ['deployment', 'statefulSet', 'daemonSet', 'job', 'pod'].filter((name) => Object.hasOwn(value, name));
    if (owners.length > 1) context.addIssue({ code: 'custom', message: `has ${owners.join(' and ')}: at most one says whose pods are meant` });
    if (owners.length === 0 && value.labels === undefined) context.addIssue({ code: 'custom', message: 'needs deployment, statefulSet, daemonSet, job, pod or labels' });
  })
  .describe('Which pods run it. What a container image does is not written in a manifest, so it is said here.');

/** An application in pods. */
const clusterWorkloadSchema = z
  .strictObject({
    ...workloadShape,
    select: selectSchema,
    spoofs: nameField
      .optional()
      .describe('Application whose pods it passes for: it answers ARP for the address of one on its node and sends from it. Takes NET_RAW, and the bridge of kubenet.'),
  })
  .describe('An application in pods.');

const machineShape = {
  name: nameField,
  systemAssigned: z.boolean().optional().describe('Whether it has a system-assigned identity, default false.'),
  identities: z.array(nameField).optional().describe('Names of the user-assigned identities it carries.'),
  workloads: z.array(workloadSchema).optional().describe('Applications that run on it as plain processes.'),
};

/** A VM, in the world and in `createVm`. */
export const virtualMachineSchema = z.strictObject(machineShape).describe('A VM outside the cluster.');

/** A scale set, in the world and in `createScaleSet`. */
export const scaleSetSchema = z
  .strictObject({ ...machineShape, instances: countField(0, MOST_INSTANCES).describe('Wanted number of instances; each runs the workloads.') })
  .describe('A scale set outside the cluster.');

/** A grant of a role, in the world, in `assignRole` and in `removeRole`. */
export const roleSchema = z
  .strictObject({
    to: textField.describe('Name of an identity or application, vm:NAME or vmss:NAME for the system-assigned identity of a machine, or group:NAME.'),
    role: textField.describe('Name of the role, such as Key Vault Secrets User.'),
    on: textField.describe('Name of a service, or an ARM scope that begins with /.'),
  })
  .describe('A role assignment.');

/** Name of a principal, in the world and in the story. */
export const principalField = textField.describe('Name of an identity or application, or vm:NAME or vmss:NAME for the system-assigned identity of a machine.');

const groupSchema = z
  .strictObject({ name: nameField, members: z.array(principalField).optional().describe('Who is in it at the start, and has long been. Default: nobody.') })
  .describe('A security group of the directory.');

/** A member of a group, in `addToGroup` and `removeFromGroup`. */
export const membershipSchema = z.strictObject({ member: principalField, group: nameField });

/** An application role of a principal, in the world, in `assignAppRole` and in `removeAppRole`. */
export const appRoleSchema = z
  .strictObject({ to: principalField, role: textField, on: nameField.describe('Service of kind api.') })
  .describe('An application role: its holder finds it in the tokens for that API.');

const serviceSchema = z
  .strictObject({
    name: nameField,
    kind: z.enum(['sql', 'keyVault', 'cosmosDb', 'arm', 'api']).describe("What it is; decides its audience. api: an application's own, api://NAME."),
    appRole: textField.optional().describe('Application role that an api wants in the token. Default: it asks for none.'),
  })
  .refine(({ kind, appRole }) => kind === 'api' || appRole === undefined, { error: 'has an appRole: only an api asks for one' })
  .describe('A service that wants tokens.');

const flagsSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe('Real flag names without the dashes, such as syncRetryDuration: 10m.');

const cloudConfigShape = {
  clientID: textField.optional().describe('aadClientID: a service principal, as a text or application:NAME.clientID.'),
  clientSecret: textField.optional().describe('aadClientSecret: its secret, as a text or application:NAME.secret.KEY.'),
  userAssignedIdentityID: textField.optional().describe('Client id of a managed identity, as a text or identity:NAME.clientID.'),
};

/** A service principal with its secret, or a managed identity; not both. */
function oneSignIn(
  value: { readonly clientID?: string | undefined; readonly clientSecret?: string | undefined; readonly userAssignedIdentityID?: string | undefined },
  context: z.RefinementCtx,
): void {
  const { clientID, clientSecret, userAssignedIdentityID } = value;
  if ((clientID === undefined) !== (clientSecret === undefined))
    context.addIssue({ code: 'custom', message: `needs ${clientID === undefined ? 'clientID' : 'clientSecret'}: a service principal has both` });
  if (clientID !== undefined && userAssignedIdentityID !== undefined)
    context.addIssue({ code: 'custom', message: 'has clientID and userAssignedIdentityID: MIC signs in as one' });
}

const cloudConfigSchema = z.strictObject(cloudConfigShape).superRefine(oneSignIn).describe('azure.json of the nodes: whom MIC calls ARM as. Default: clusterIdentity.');

/** azure.json as written. */
export type CloudConfigSource = z.infer<typeof cloudConfigSchema>;

/** Another azure.json, in `rewriteCloudConfig`. */
export const rewriteCloudConfigSchema = z
  .strictObject({
    ...cloudConfigShape,
    how: z.enum(['write', 'rename']).optional().describe('write, default: in place, which MIC sees. rename: another file takes its name, which MIC does not see.'),
  })
  .superRefine(oneSignIn)
  .describe('Somebody puts another azure.json on the nodes; what is not said is empty.');

const podIdentitySchema = z
  .strictObject({
    version: textField.optional().describe('Release whose behaviours MIC and NMI have: 1.2 to 1.8.17, default 1.8.17.'),
    mode: z.enum(['standard', 'managed']).optional().describe('standard: MIC and NMI, default. managed: NMI alone.'),
    install: z
      .enum(['manifests', 'builtin'])
      .optional()
      .describe('builtin, default: MIC and NMI are there from the start. manifests: the Deployment of MIC and the DaemonSet of NMI come with the manifests. Say builtin where the story applies another DaemonSet of NMI, such as one in another mode.'),
    mic: z.strictObject({ flags: flagsSchema }).optional(),
    nmi: z.strictObject({ flags: flagsSchema }).optional(),
    clusterIdentity: nameField
      .optional()
      .describe('userAssignedIdentityID of azure.json: the identity MIC calls ARM with. Default: the default identity of its node.'),
    cloudConfig: cloudConfigSchema.optional(),
    lookup: z.enum(['aai', 'mic']).optional().describe('aai, default: NMI reads AzureAssignedIdentities, as it really does. mic: NMI asks MIC.'),
  })
  .refine(({ clusterIdentity, cloudConfig }) => clusterIdentity === undefined || cloudConfig === undefined, {
    error: 'has clusterIdentity and cloudConfig: the second says it all',
  })
  .describe('AAD Pod Identity. Leave it out for a cluster without.');

/** A taint as kubectl writes it. */
export const taintField = textField
  .refine((text) => parseTaint(text) !== undefined, { error: 'must be a taint such as key=value:NoSchedule' })
  .describe('A taint: key=value:Effect, or key:Effect; the effect is NoSchedule, PreferNoSchedule or NoExecute.');

const nodePoolSchema = z.strictObject({
  name: nameField,
  nodes: countField(0, MOST_INSTANCES).describe('Nodes at the start.'),
  kind: z.enum(['vmss', 'vm']).optional().describe('vmss, default: one scale set. vm: a VM for each node.'),
  maxPods: countField(1, 250).optional().describe('Most pods on a node, default 30 with Azure CNI and 110 with kubenet.'),
  systemAssigned: z.boolean().optional().describe('Whether its scale set or VMs have a system-assigned identity, default true. AKS itself gives them the kubelet identity instead: false, and its name in `identities`.'),
  identities: z.array(nameField).optional().describe('Names of the user-assigned identities they carry at the start, such as that of the kubelet.'),
  images: z.array(textField).optional().describe('Container images its nodes have when they boot: these are not pulled. Default: none.'),
  autoscaler: z
    .strictObject({ min: countField(0, MOST_INSTANCES), max: countField(0, MOST_INSTANCES) })
    .refine(({ min, max }) => min <= max, { error: 'min must be at most max' })
    .optional()
    .describe('The cluster autoscaler keeps the number of its nodes between these. Default: nobody changes it but the story.'),
  taints: z.array(taintField).optional().describe('Taints of its nodes. Default: none.'),
  startupTaints: z.array(taintField).optional().describe('Taints with which new nodes of it come, until NMI is ready on them: a gate for other pods. Default: none.'),
});

const admissionSchema = z
  .strictObject({
    deny: z.strictObject({
      kind: textField.describe('Kubernetes kind.'),
      when: z
        .record(textField, z.union([z.string(), z.number(), z.boolean(), z.strictObject({ notMatching: textField.refine((text) => patternOf(text) !== undefined, { error: 'must be a regular expression' }) })]))
        .describe('By dotted path of a field, its value, or notMatching: and a regular expression. All must hold.'),
    }),
  })
  .describe('A rule by which the API server refuses objects, as a validating webhook or a policy engine does.');

const egressSchema = z
  .strictObject({
    namespace: nameField,
    allow: z
      .array(textField.regex(/^(?:HOST_IP|\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/u, { error: 'must be address:port, such as 127.0.0.1:2579 or HOST_IP:2579' }))
      .describe('Where its pods may go at their own node, after DNAT: address:port; HOST_IP is the address of the node.'),
  })
  .describe('A network policy for the pods of a namespace, as far as the way to the metadata address goes: what is not allowed is dropped.');

const clusterSchema = z
  .strictObject({
    network: z.enum(['azure', 'kubenet']).optional().describe('Network plug-in, default azure. NMI refuses kubenet unless a flag allows it.'),
    networkPolicy: z.literal('calico').optional().describe('Engine of network policies. With calico kubelets say cni even on kubenet, so that NMI starts there. Default: none.'),
    nodePools: z.array(nodePoolSchema),
    podIdentity: podIdentitySchema.optional(),
    workloadIdentity: z
      .strictObject({
        issuer: textField.optional().describe('Issuer of the tokens of its service accounts. Default: made up.'),
        webhook: z
          .enum(['present', 'applied'])
          .optional()
          .describe(
            'present, default: the webhook is there from the start, as with AKS. applied: it comes with the Deployment azure-wi-webhook-controller-manager, in namespace azure-workload-identity-system or kube-system, of the manifests or the story; pods of before are not shown to it.',
          ),
      })
      .optional()
      .describe('Azure Workload Identity: an OIDC issuer and the webhook. Leave it out for a cluster without.'),
    start: z.enum(['cold', 'settled']).optional().describe('cold, default: what is applied at 0s has yet to happen. settled: it happened long ago.'),
    workloads: z.array(clusterWorkloadSchema).optional(),
    admission: z.array(admissionSchema).optional(),
    egress: z.array(egressSchema).optional(),
  })
  .describe('The Kubernetes cluster.');

/** Everything that exists at the start. */
export const worldSchema = z
  .strictObject({
    subscription: textField.optional(),
    resourceGroup: nameField.optional().describe('Resource group of the machines; in a cluster, the node resource group.'),
    location: nameField.optional(),
    identities: z.array(identitySchema).optional().describe('User-assigned identities.'),
    applications: z.array(applicationSchema).optional().describe('App registrations: service principals with secrets or certificates.'),
    services: z.array(serviceSchema).optional(),
    groups: z.array(groupSchema).optional().describe('Security groups of the directory. Roles are given to group:NAME.'),
    appRoles: z.array(appRoleSchema).optional().describe('Application roles that were given long before the start.'),
    roles: z.array(roleSchema).optional().describe('Role assignments made long before the start.'),
    virtualMachines: z.array(virtualMachineSchema).optional(),
    scaleSets: z.array(scaleSetSchema).optional(),
    cluster: clusterSchema.optional(),
    parameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]))
      .optional()
      .describe('Knobs of the calibration and their values for this scenario.'),
  })
  .describe('What exists at the start.');
