/**
 * From nodes to the resources that carry identities.
 *
 * Follows pkg/mic/vmss.go (isVMSS, makeVMSSID, getVMSSGroups) and mic.go:consolidateVMSSNodes. Only `spec.providerID` decides; the
 * configured VM type does not.
 */
import { placeOfProvider } from '../provider-id.ts';

/** Where a node's identities go. */
export type Placement =
  | { readonly kind: 'vm' }
  /** `group` is the key as spelled (letter case included); `name` is what ARM is asked for. */
  | { readonly kind: 'vmss'; readonly group: string; readonly name: string }
  /** The providerID is not a resource id. */
  | { readonly kind: 'unreadable' };

/** Placement by providerID. An empty one means a VM. */
export function placementOf(providerID: string): Placement {
  if (providerID === '') return { kind: 'vm' };
  const place = placeOfProvider(providerID);
  if (place === undefined) return { kind: 'unreadable' };
  if (place.resourceType !== 'virtualMachineScaleSets') return { kind: 'vm' };
  return { kind: 'vmss', group: `${place.subscription}/${place.resourceGroup}/${place.resourceName}`, name: place.resourceName };
}
