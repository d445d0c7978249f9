/** Identities that a machine loses, by an update that overwrote another or by a removal. */
import { seconds, ZERO } from '../../../src/kernel/time.ts';
import type { Fact } from '../../../src/model/facts/index.ts';
import type { RaceClass } from '../../../src/scenarios/schema/metric-names.ts';
import { assigned, READER, SCALE_SET, scaleSet, settledWorld } from '../objects.ts';
import { states, writes } from '../scripted-run.ts';
import type { Filling, Step } from '../scripted-run.ts';
import { AGAIN, again, at, created, KEY, MIC, podGone, told, WEB } from './world.ts';
import type { RacePair } from './world.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const stateless = at('1.4', { ...settledWorld(), azureAssignedIdentities: { [KEY]: assigned('web', '') } });
const arm = (status: number, op = 'patchIdentity', client = `mic/${MIC}`): Fact => {
  return { type: 'arm-answered', client, op, resource: SCALE_SET, status, error: status < 400 ? '' : 'NotAllowed', retryAfter: ZERO };
};
const worker = (remove: readonly string[], resource = 'POOL'): Fact => {
  return { type: 'mic-worker-started', replica: MIC, cycle: 1, resource, add: [], remove };
};
const workerEnded: Fact = { type: 'mic-worker-ended', replica: MIC, cycle: 1, resource: 'POOL', error: '' };
const off = writes(5, 'computeResources', { [RESOURCE]: scaleSet([]) });
const other = `${READER}-2`;
/** `web` and `api` need two identities that one scale set carries. */
const two: Filling = {
  ...settledWorld(),
  computeResources: { [RESOURCE]: scaleSet([READER, other]) },
  azureAssignedIdentities: {
    [KEY]: assigned('web', 'Assigned'),
    [AGAIN]: { ...again(other), status: { status: 'Assigned' } },
  },
};
/** The identity comes off and the call that did it is answered, all in one event. */
const offAtOnce = (answer: Fact): Step => ({
  after: seconds(5),
  act: (turn) => {
    turn.table('computeResources').put(RESOURCE, scaleSet([]));
    turn.fact(answer);
  },
});
const looseText = (how: string): string => `reader left pool while ${WEB} needed it: ${how}`;

/** The pairs. */
export const LOSSES = {
  lostUpdate: {
    shows: [
      {
        steps: [states(1, worker([]), arm(200, 'putScaleSet', 'terraform/step-0002/0')), off],
        examined: 1,
        count: 1,
        first: [2, 6, WEB, looseText('terraform wrote a list without it')],
      },
      {
        // What MIC had on its list is of another machine, or of a cycle that is over; and what it only read took nothing off.
        steps: [states(1, worker([READER]), workerEnded, worker([READER], 'other')), states(1, arm(200), arm(200, 'get', 'az')), off],
        examined: 1,
        count: 1,
        first: [3, 7, WEB, looseText('MIC wrote a list without it')],
      },
      {
        fill: two,
        steps: [states(1, worker([other])), off],
        examined: 2,
        count: 1,
        first: [2, 6, WEB, looseText('somebody wrote a list without it')],
      },
      {
        // A PATCH that was refused names nothing.
        steps: [states(1, arm(200, 'putVm', 'terraform'), arm(409, 'patchIdentity', 'az')), off],
        examined: 1,
        count: 1,
        first: [2, 6, WEB, looseText('terraform wrote a list without it')],
      },
    ],
    spares: [
      { steps: [told, states(1, arm(200, 'putScaleSet', 'terraform')), off], examined: 1 },
      { steps: [writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined }), off], examined: 1 },
      { fill: created, steps: [off], examined: 1 },
      { fill: { ...settledWorld(), azureAssignedIdentities: {} }, steps: [off], examined: 1 },
      { steps: [writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER, other]) })], examined: 0 },
      { steps: [writes(1, 'computeResources', { [RESOURCE]: undefined })], examined: 0 },
    ],
  },
  removedWhileInUse: {
    shows: [
      {
        steps: [states(1, worker([READER.toUpperCase()])), off, states(1, workerEnded)],
        examined: 1,
        count: 1,
        first: [2, 6, WEB, looseText('MIC took it off')],
      },
      {
        fill: two,
        steps: [states(1, worker([READER, other])), off],
        examined: 2,
        count: 2,
        first: [2, 6, WEB, looseText('MIC took it off')],
      },
      {
        fill: stateless,
        steps: [states(1, worker([READER])), off],
        examined: 1,
        count: 1,
        first: [2, 6, WEB, looseText('MIC took it off')],
      },
      { steps: [states(1, arm(202, 'patchIdentity', 'az')), off], examined: 1, count: 1, first: [2, 6, WEB, looseText('az took it off')] },
      { steps: [offAtOnce(arm(200, 'unassignIdentity', 'az'))], examined: 1, count: 1, first: [1, 5, WEB, looseText('az took it off')] },
    ],
    spares: [
      { steps: [told, states(1, worker([READER])), off], examined: 1 },
      { fill: at('1.8.17', stateless), steps: [states(1, worker([READER])), off], examined: 1 },
      { steps: [podGone(1), states(1, arm(202, 'patchIdentity', 'az')), off], examined: 1 },
      {
        steps: [
          states(1, worker([READER])),
          writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER], { provisioningState: 'Updating' }) }),
        ],
        examined: 0,
      },
    ],
  },
} as const satisfies Partial<Readonly<Record<RaceClass, RacePair>>>;
