/**
 * What the reconcile pass takes to be wanted, and what of it is missing.
 *
 * Follows pkg/mic/mic.go (generateIdentityAssignmentState, generateIdentityAssignmentDiff). Upstream walks maps, so in no order; here
 * resources and ids come by name.
 */
import type { AzureAssignedIdentity, Node } from '../kubernetes.ts';
import type { AssignmentCount, CountedAssignment, CountedNode } from '../mic-rows.ts';
import { placementOf } from './placement.ts';

/** A VM or scale set with assigned identities, and the resource ids it should carry, as they are spelled. */
export interface SurveyedResource {
  readonly kind: 'vm' | 'vmss';
  readonly name: string;
  readonly wanted: readonly string[];
}

/** What a survey looks at: the caches of MIC, or whatever stands for them. */
export interface SurveySources {
  readonly assigned: readonly AzureAssignedIdentity[];
  nodeAt(name: string): Node | undefined;
}

/** Resources with assigned identities and what each should carry, or why that cannot be said. */
export function surveyAssignments(sources: SurveySources): readonly SurveyedResource[] | string {
  const counts = sources.assigned.map((object) => {
    const { node, id } = wishOf(object);
    return { ...placeOfNode(node, sources.nodeAt(node)), id };
  });
  return surveyOf(counts);
}

/** What one object makes its resource want: what is Assigned, of type 0; else nothing, and its resource is looked at all the same. */
export function wishOf({ spec, status }: AzureAssignedIdentity): Pick<CountedAssignment, 'node' | 'id'> {
  const { type, resourceID } = spec.azureIdentityRef.spec;
  return { node: spec.nodename, id: status.status === 'Assigned' && type === 0 ? resourceID : '' };
}

/** Where a node's identities go: its VM or scale set; under the node's own name where nobody can say. */
export function placeOfNode(name: string, node: Node | undefined): Pick<CountedNode, 'kind' | 'name'> {
  if (node === undefined) return { kind: 'missing', name };
  const place = placementOf(node.spec.providerID);
  return place.kind === 'vmss' ? { kind: 'vmss', name: place.name } : { kind: place.kind, name };
}

/** The survey of such counts. Faithful: one node that is gone or cannot be read stands for the whole cluster (W30). */
export function surveyOf(counts: readonly Pick<AssignmentCount, 'kind' | 'name' | 'id'>[]): readonly SurveyedResource[] | string {
  const resources = new Map<string, { kind: 'vm' | 'vmss'; name: string; wanted: Set<string> }>();
  let trouble: { readonly name: string; readonly text: string } | undefined;
  for (const { kind, name, id } of counts) {
    if (kind === 'missing' || kind === 'unreadable') {
      const text = kind === 'missing' ? `node ${name} not found` : `providerID of node ${name} is no resource id`;
      if (trouble === undefined || name < trouble.name) trouble = { name, text };
      continue;
    }
    let resource = resources.get(name);
    if (resource === undefined) resources.set(name, (resource = { kind, name, wanted: new Set() }));
    if (kind === 'vmss') resource.kind = kind;
    if (id !== '') resource.wanted.add(id);
  }
  if (trouble !== undefined) return trouble.text;
  return [...resources.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ kind, name, wanted }) => ({ kind, name, wanted: [...wanted].sort() }));
}

/** Faithful: compared letter by letter. What ARM spells otherwise counts as missing, and costs a GET that finds it present. */
export function missingIdentities(wanted: readonly string[], present: readonly string[]): readonly string[] {
  return wanted.filter((id) => !present.includes(id));
}
