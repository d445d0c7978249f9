/** What MIC keeps of its desired set between cycles, so that a cycle costs what changed and not what exists. */

/** One desired AzureAssignedIdentity of one MIC process: a (pod, binding) pair. Key: `replica|name|podKey|bindingKey`. */
export interface DesiredAssignment {
  readonly replica: string;
  /** Name of the AzureAssignedIdentity. */
  readonly name: string;
  /** Namespace it will live in. */
  readonly namespace: string;
  readonly podKey: string;
  readonly pod: string;
  readonly podNamespace: string;
  readonly node: string;
  readonly bindingKey: string;
  readonly bindingVersion: string;
  readonly identityKey: string;
  readonly identityVersion: string;
  readonly identityType: number;
  readonly resourceID: string;
  readonly clientID: string;
}
