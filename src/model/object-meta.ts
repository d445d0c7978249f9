/** What every object of the API server has in common. */
import type { Moment } from '../kernel/time.ts';

/** Metadata of every object. */
export interface ObjectMeta {
  readonly name: string;
  /** Namespace; `''` for cluster-wide kinds. */
  readonly namespace: string;
  /** Identity of one incarnation: name, namespace and how often the name was used before. */
  readonly uid: string;
  /** Changes with every write; compared for equality only. `''` before the API server saw it. */
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly ownerReferences: readonly OwnerReference[];
  /** When it was created; absent on what the world started with. */
  readonly creationTimestamp?: Moment;
  /** When deletion was asked for, while something still holds the object back. */
  readonly deletionTimestamp?: Moment;
}

/** The controller an object belongs to. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
}
