/** What others than MIC do at ARM, on their own account: the resource provider of AKS, Terraform, `az` and the portal, any other client. */
import type { Duration } from '../kernel/time.ts';
import type { ArmCall, ResourceRef } from './messages/arm.ts';

/** One job of such a client. Where it reads before it writes, `gap` lies between: what happens in it, the write does not know. */
export type ExternalJob =
  /**
   * A PUT of the whole model with the writer's own list of identities: those that others have added go. `pool`: the PUT of that agent
   * pool at AKS comes first. `capacity` absent: the size that was read.
   */
  | {
      readonly kind: 'replace';
      readonly resource: ResourceRef;
      readonly identities: readonly string[];
      readonly gap: Duration;
      readonly capacity?: number;
      readonly pool?: string;
    }
  /** A PATCH with all that was read and one identity more, or with one removed. */
  | {
      readonly kind: 'edit';
      readonly resource: ResourceRef;
      readonly identity: string;
      readonly action: 'add' | 'remove';
      readonly gap: Duration;
    }
  /** Reads, or updates that change nothing of identities, at a steady rate; refusals are not tried again. */
  | { readonly kind: 'traffic'; readonly call: TrafficCall; readonly every: Duration; readonly calls: number };

/** A call that may be repeated for ever. */
export type TrafficCall = Extract<ArmCall, { readonly op: 'get' | 'getInstanceView' | 'putTags' | 'getIdentity' }>;
