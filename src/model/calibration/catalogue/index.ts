/**
 * All tables of the catalogue as one, and the types that know each knob by name.
 */
import type { Duration } from '../../../kernel/time.ts';

import type { ChoiceKnob, KnobSpec } from '../knob.ts';
import { armKnobs } from './arm.ts';
import { clientKnobs } from './clients.ts';
import { computeKnobs } from './compute.ts';
import { entraKnobs } from './entra.ts';
import { identityKnobs } from './identity.ts';
import { imdsKnobs } from './imds.ts';
import { kubernetesKnobs } from './kubernetes.ts';
import { logKnobs } from './logs.ts';
import { micKnobs } from './mic.ts';
import { nmiKnobs, variantKnobs } from './nmi.ts';
import { nodeKnobs } from './nodes.ts';
import { rbacKnobs } from './rbac.ts';
import { secretKnobs } from './secrets.ts';
import { linkKnobs, serviceKnobs } from './services.ts';
import { workloadIdentityKnobs } from './workload-identity.ts';

const specs = {
  ...identityKnobs,
  ...imdsKnobs,
  ...clientKnobs,
  ...armKnobs,
  ...computeKnobs,
  ...nodeKnobs,
  ...kubernetesKnobs,
  ...micKnobs,
  ...nmiKnobs,
  ...variantKnobs,
  ...entraKnobs,
  ...logKnobs,
  ...rbacKnobs,
  ...serviceKnobs,
  ...linkKnobs,
  ...secretKnobs,
  ...workloadIdentityKnobs,
};

type Specs = typeof specs;

/** The name of a knob. */
export type KnobName = keyof Specs;

/** The names of all knobs of one kind. */
type KnobNameOf<K extends KnobSpec['kind']> = {
  [N in KnobName]: Specs[N]['kind'] extends K ? N : never;
}[KnobName];

/** Names of knobs that are one length of time. */
export type DurationKnobName = KnobNameOf<'duration'>;

/** Names of knobs that are a plain number, or a probability. */
export type NumberKnobName = KnobNameOf<'number' | 'probability'>;

/** Names of knobs that are a probability. */
export type ProbabilityKnobName = KnobNameOf<'probability'>;

/** A token bucket as the kernel runs it. */
export interface BucketValue {
  /** Most tokens it holds, and what it holds at the start [1] -- constant. */
  readonly capacity: number;
  /** Tokens added each second, continuously [1/s] -- constant. */
  readonly refillPerSecond: number;
}

/** What `value` gives for one knob. */
export type KnobValue<N extends KnobName> = ValueOf<Specs[N]>;

type ValueOf<S extends KnobSpec> = S extends ChoiceKnob<infer C> ? C : ValuesByKind[S['kind']];

interface ValuesByKind {
  readonly duration: Duration;
  readonly number: number;
  readonly probability: number;
  readonly boolean: boolean;
  readonly choice: string;
  readonly text: string;
  readonly bucket: BucketValue;
  readonly durations: readonly Duration[];
}

/** Every knob under its name. */
export type Catalogue = { readonly [N in KnobName]: Specs[N] & { readonly name: N } };

/** Names of all knobs, sorted by code unit. */
export const knobNames: readonly KnobName[] = (Object.keys(specs) as KnobName[]).sort();

/** The catalogue. */
export const catalogue: Catalogue = Object.freeze(
  Object.fromEntries(knobNames.map((name) => [name, Object.freeze({ ...specs[name], name })])),
) as Catalogue;

/** Whether `name` is a knob. */
export function isKnobName(name: string): name is KnobName {
  return Object.hasOwn(specs, name);
}
