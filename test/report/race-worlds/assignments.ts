/** What becomes of AzureAssignedIdentities: late, stuck, twice, or gone and there again. */
import type { RaceClass } from '../../../src/scenarios/schema/metric-names.ts';
import { assigned, pod, READER, settledWorld } from '../objects.ts';
import { states, writes } from '../scripted-run.ts';
import { AGAIN, again, assign, at, created, going, KEY, podGone, told, unassigned, WEB } from './world.ts';
import type { RacePair } from './world.ts';

const other = `${READER}-2`;

/** The pairs. */
export const ASSIGNMENTS = {
  assignedAfterGone: {
    shows: [
      {
        fill: created,
        steps: [podGone(1), assign(1, assigned('web', 'Assigned')), assign(1, going('Assigned'))],
        examined: 1,
        count: 1,
        first: [2, 2, WEB, `web-default-reader became Assigned though ${WEB} was gone`],
      },
      {
        fill: at('1.4', unassigned),
        steps: [podGone(1), assign(1, assigned('web', ''))],
        examined: 1,
        count: 1,
        first: [2, 2, WEB, `web-default-reader became Assigned though ${WEB} was gone`],
      },
    ],
    spares: [
      { fill: created, steps: [assign(1, assigned('web', 'Assigned')), podGone(1)], examined: 1 },
      { fill: unassigned, steps: [podGone(1), assign(1, assigned('web', 'Created')), assign(1, undefined)], examined: 0 },
      { steps: [podGone(1), assign(1, going('Assigned')), assign(1, undefined)], examined: 0 },
    ],
  },
  stuckAssignment: {
    shows: [
      {
        fill: unassigned,
        steps: [assign(1, assigned('web', 'Created')), assign(601, assigned('web', 'Assigned'))],
        examined: 1,
        count: 1,
        first: [1, 1, WEB, 'web-default-reader stayed Created for 10 min 01 s'],
        worst: [1, 1, WEB, 'web-default-reader stayed Created for 10 min 01 s', 601],
      },
      {
        fill: unassigned,
        steps: [assign(1, assigned('web', 'Created')), states(181)],
        examined: 1,
        count: 1,
        first: [1, 1, WEB, 'web-default-reader is Created since 3 min 01 s at the end'],
        worst: [1, 1, WEB, 'web-default-reader is Created since 3 min 01 s at the end', 181],
      },
      {
        // The wait goes on through writes that end it not; the second one is longer.
        steps: [
          assign(1, assigned('web', 'Unassigned')),
          assign(600, going('Unassigned')),
          assign(1, undefined),
          assign(1, assigned('web', 'Created')),
          assign(900, going('Assigned')),
          assign(1, undefined),
        ],
        examined: 3,
        count: 2,
        first: [1, 1, WEB, 'web-default-reader stayed waiting for deletion for 10 min 01 s'],
        worst: [4, 603, WEB, 'web-default-reader stayed Created for 15 min', 900],
      },
      {
        fill: created,
        steps: [states(181)],
        examined: 1,
        count: 1,
        first: [-1, 0, WEB, 'web-default-reader is Created since 3 min 01 s at the end'],
        worst: [-1, 0, WEB, 'web-default-reader is Created since 3 min 01 s at the end', 181],
      },
    ],
    spares: [
      { fill: created, steps: [assign(600, assigned('web', 'Assigned')), states(181)], examined: 1 },
      { fill: unassigned, steps: [assign(1, assigned('web', 'Created')), states(180)], examined: 1 },
      { steps: [assign(1, going('Assigned')), assign(600, undefined), states(181)], examined: 1 },
      { steps: [states(601)], examined: 0 },
    ],
  },
  flappingAssignment: {
    shows: [
      {
        steps: [
          assign(1, undefined),
          assign(10, assigned('web', 'Created')),
          assign(1, assigned('web', 'Assigned')),
          assign(1, undefined),
          assign(20, assigned('web', 'Created')),
        ],
        examined: 2,
        count: 2,
        first: [2, 11, WEB, 'web-default-reader came again 10.0 s after it had gone'],
        worst: [5, 33, WEB, 'web-default-reader came again 20.0 s after it had gone', 20],
      },

      {
        // The second time the pod was told to go.
        steps: [
          assign(1, undefined),
          assign(10, assigned('web', 'Created')),
          told,
          assign(1, undefined),
          assign(1, assigned('web', 'Created')),
        ],
        examined: 2,
        count: 1,
        first: [2, 11, WEB, 'web-default-reader came again 10.0 s after it had gone'],
        worst: [2, 11, WEB, 'web-default-reader came again 10.0 s after it had gone', 10],
      },
    ],
    spares: [
      { steps: [assign(1, going('Assigned')), told, assign(1, undefined), assign(10, assigned('web', 'Created'))], examined: 1 },
      { steps: [told, assign(1, undefined), assign(10, assigned('web', 'Created'))], examined: 1 },
      { steps: [podGone(1), assign(1, undefined), assign(10, assigned('web', 'Created'))], examined: 1 },
      { steps: [assign(1, undefined), assign(10, again(other), AGAIN)], examined: 1 },
      {
        // A pod of the same name is another pod.
        steps: [
          assign(1, undefined),
          writes(1, 'pods', { [WEB]: { ...pod('web'), metadata: { ...pod('web').metadata, uid: 'default/web#2' } } }),
          assign(10, assigned('web', 'Created')),
        ],
        examined: 1,
      },
      { steps: [assign(1, going('Assigned')), assign(1, undefined)], examined: 0 },
    ],
  },
  duplicateAssignment: {
    shows: [
      {
        steps: [assign(1, again(), AGAIN), assign(1, { ...again(), status: { status: 'Assigned' } }, AGAIN)],
        examined: 1,
        count: 1,
        first: [1, 1, WEB, 'web-default-again stands for the same identity as web-default-reader'],
      },
      {
        // One that comes to name the same identity by a change.
        fill: unassigned,
        steps: [assign(1, assigned('web', 'Created')), assign(1, again(other), AGAIN), assign(1, again(), AGAIN)],
        examined: 3,
        count: 1,
        first: [3, 3, WEB, 'web-default-again stands for the same identity as web-default-reader'],
      },

      {
        // Two that stood from the start; one of them goes, and another one comes.
        fill: { ...settledWorld(), azureAssignedIdentities: { [KEY]: assigned('web', 'Assigned'), [AGAIN]: again() } },
        steps: [assign(1, undefined, AGAIN), assign(1, again(), AGAIN)],
        examined: 1,
        count: 1,
        first: [2, 2, WEB, 'web-default-again stands for the same identity as web-default-reader'],
      },
    ],
    spares: [
      { steps: [assign(1, again(other), AGAIN)], examined: 1 },
      { steps: [assign(1, undefined), assign(1, again(), AGAIN)], examined: 1 },
      { steps: [assign(1, again('', 1), AGAIN), assign(1, again('', 2), 'default/third')], examined: 0 },
      { steps: [assign(1, assigned('api', 'Created'), 'default/api-default-reader')], examined: 1 },
    ],
  },
} as const satisfies Partial<Readonly<Record<RaceClass, RacePair>>>;
