/** Objects of the API server that few clusters have: they hold evictions back, or say what a volume from a vault is made of. */
import type { ObjectMeta } from './object-meta.ts';
import type { VaultSource } from './vault-volume.ts';

/** SecretProviderClass of the secrets store (`secrets-store.csi.x-k8s.io/v1`), provider azure. */
export interface SecretProviderClass {
  readonly kind: 'SecretProviderClass';
  readonly metadata: ObjectMeta;
  readonly spec: VaultSource;
}

/** How many of the pods with some labels must be available, or may be not, when pods are evicted. Exactly one of the two amounts is there. */
export interface PodDisruptionBudget {
  readonly kind: 'PodDisruptionBudget';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly matchLabels: Readonly<Record<string, string>>;
    /** A number, or a percentage of the pods. */
    readonly minAvailable?: string;
    readonly maxUnavailable?: string;
  };
}
