/**
 * Numbers that earlier releases had otherwise: values of knobs below flags and parameters, which win over them.
 *
 * Switches that only a later release knows are off before it; their flags are refused by the loader.
 */
import type { KnobName, Overrides } from '../calibration/index.ts';
import type { BehaviourRow } from './behaviour-row.ts';
import { isWithin } from './release.ts';
import type { Release } from './release.ts';

/** Values of one or more knobs in a span of releases. */
export interface KnobRow extends BehaviourRow {
  readonly knobs: Readonly<Partial<Record<KnobName, string>>>;
}

/** Knobs by the releases in which they stood elsewhere than today. */
export const PRESET_KNOBS: readonly KnobRow[] = [
  {
    from: '1.5-dev',
    until: '1.5-rc2',
    source: '#272',
    meaning: 'NMI looked every 6 s, 5 times for Created and 5 more for Assigned: 30 and 60 s.',
    knobs: { 'nmi.lookup.interval': '6s', 'nmi.lookup.createdAttempts': '5', 'nmi.lookup.assignedAttempts': '5' },
  },
  {
    from: '1.5-rc2',
    until: '1.5',
    source: '#292',
    meaning: 'NMI looked every 5 s, 9 times for Created and 3 more for Assigned: 45 and 60 s.',
    knobs: { 'nmi.lookup.createdAttempts': '9', 'nmi.lookup.assignedAttempts': '3' },
  },
  {
    until: '1.5-rc2',
    source: '#277; the published Deployment had one replica before replicas elected a leader',
    meaning: 'One MIC ran.',
    knobs: { 'mic.replicas': '1' },
  },
  {
    until: '1.5.3',
    source: '#408, #409; before, the limits of client-go itself and no writes at once',
    meaning: 'MIC wrote assigned identities of one resource one after another, with a burst of 10.',
    knobs: { 'mic.createDeleteBatch': '1', 'mic.clientBurst': '10' },
  },
  {
    until: '1.6.2',
    source: '#658',
    meaning: 'NMI listened at the address of its node, and the rule sent packets there.',
    knobs: { 'nmi.listenAddress': 'HOST_IP:2579' },
  },
  {
    until: '1.8.1',
    source: '#1099',
    meaning: 'NMI watched the assigned identities of all nodes unless a flag said otherwise.',
    knobs: { 'nmi.scaleFeatures': 'false' },
  },
  {
    until: '1.8.4',
    source: '#500 brought the check with 1.6.0, switched off; on since 1.8.4',
    meaning: 'A request without the header Metadata: true was served unless a flag said otherwise.',
    knobs: { 'nmi.headerRequired': 'false' },
  },
];

/** Knobs of a release that stand elsewhere than in the catalogue. */
export function presetKnobs(release: Release): Overrides {
  return Object.fromEntries(PRESET_KNOBS.filter((row) => isWithin(release, row)).flatMap(({ knobs }) => Object.entries(knobs)));
}
