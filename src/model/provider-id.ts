/** providerID of nodes, and what MIC reads out of one. Follows pkg/cloudprovider/cloudprovider.go:ParseResourceID and cloud-provider-azure. */

/** Where a node's VM is. */
export interface NodePlace {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly resourceKind: 'vm' | 'vmss';
  readonly resourceName: string;
  readonly name: string;
}

/** providerID as the Azure cloud provider writes it; instances of a scale set end in their number. */
export function nodeProviderId(place: NodePlace): string {
  const group = `azure:///subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}/providers/Microsoft.Compute`;
  if (place.resourceKind === 'vm') return `${group}/virtualMachines/${place.name}`;
  return `${group}/virtualMachineScaleSets/${place.resourceName}/virtualMachines/${instanceNumber(place.name)}`;
}

/** Name of the n-th instance of a scale set: six digits in base 36, as Azure names them. */
export function instanceName(scaleSet: string, n: number): string {
  return `${scaleSet}${n.toString(36).padStart(6, '0')}`;
}

function instanceNumber(name: string): string {
  return String(Number.parseInt(name.slice(-6), 36));
}

/** What MIC reads out of a providerID: parts of the resource, or of the parent of a nested one, as spelled. */
export interface ProviderPlace {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly provider: string;
  readonly resourceType: string;
  readonly resourceName: string;
}

/** Greedy in the first two parts and short in the others, unanchored and blind to letter case, as upstream's pattern. */
const RESOURCE_ID = /subscriptions\/(.+)\/resourceGroups\/(.+)\/providers\/(.+?)\/(.+?)\/(.+)/iu;

/** Reads a providerID or any other ARM id; undefined where upstream reports an invalid resource id (the empty one included). */
export function placeOfProvider(id: string): ProviderPlace | undefined {
  const [, subscription, resourceGroup, provider, resourceType, rest] = RESOURCE_ID.exec(id) ?? [];
  if (
    subscription === undefined ||
    resourceGroup === undefined ||
    provider === undefined ||
    resourceType === undefined ||
    rest === undefined
  ) {
    return undefined;
  }
  return { subscription, resourceGroup, provider, resourceType, resourceName: rest.split('/')[0] ?? '' };
}
