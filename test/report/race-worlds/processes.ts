/** What NMI and MIC do: answers, connections, refused writes, leaders, cycles. */
import { ZERO } from '../../../src/kernel/time.ts';
import type { Fact, FactOf } from '../../../src/model/facts/index.ts';
import type { RaceClass } from '../../../src/scenarios/schema/metric-names.ts';
import { binding, fact, pod, SCALE_SET, settings, settledWorld } from '../objects.ts';
import { states } from '../scripted-run.ts';
import type { Filling } from '../scripted-run.ts';
import { MIC, podGone, WEB } from './world.ts';
import type { RacePair } from './world.ts';

const nobody: Filling = { ...settledWorld(), pods: { [WEB]: pod('web', { label: 'nobody' }) } };
const elsewhere = { ...binding(), metadata: { ...binding().metadata, namespace: 'other' } };
const boundElsewhere = (forceNamespaced: 'yes' | 'no'): Filling => ({
  ...settledWorld(),
  settings: { podIdentity: settings({ forceNamespaced }) },
  azureIdentityBindings: { 'other/reader-binding': elsewhere },
});
const asked = (found: FactOf<'nmi-answered'>['found'], status = 404): Fact => fact.nmi(status, { found });
const api = (status: number, verb = 'update', kind = 'AzureAssignedIdentity'): Fact => {
  return { type: 'api-answered', client: `mic/${MIC}`, verb, kind, status };
};
const arm = (status: number, op = 'patchIdentity', client = `mic/${MIC}`): Fact => {
  return { type: 'arm-answered', client, op, resource: SCALE_SET, status, error: status < 400 ? '' : 'NotAllowed', retryAfter: ZERO };
};
const resolved = (as: string): Fact => {
  return { type: 'nmi-resolved', node: 'node-a', request: 'r', sender: WEB, resolved: as, isExcepted: false };
};
const routed = (to: 'nmi' | 'imds', network: 'pod' | 'host' = 'pod'): Fact => {
  return { type: 'connection-routed', node: 'node-a', pod: WEB, to, network, request: 'r' };
};
const leads = (replica: string): Fact => ({ type: 'mic-leading', replica });
const stopped = (replica: string): Fact => ({ type: 'mic-stopped', replica, reason: 'lost lease' });
const began = (replica = MIC): Fact => {
  return { type: 'mic-cycle-started', replica, cycle: 1, creates: 0, deletes: 0, updates: 0, queued: 0, buffered: 0 };
};
const ended: Fact = { type: 'mic-cycle-ended', replica: MIC, cycle: 1, took: ZERO };

/** The pairs. */
export const PROCESSES = {
  askedBeforeAssigned: {
    shows: [
      {
        steps: [states(1, asked('notLooked')), states(1, asked('none'), asked('Created', 200), asked('Assigned', 200))],
        examined: 3,
        count: 2,
        first: [2, 2, WEB, `NMI on node-a found no AzureAssignedIdentity when ${WEB} asked; it answered 404`],
      },
      {
        fill: nobody,
        steps: [states(1, asked('Created', 200))],
        examined: 1,
        count: 1,
        first: [1, 1, WEB, `NMI on node-a found an AzureAssignedIdentity still Created when ${WEB} asked; it answered 200`],
      },
      {
        fill: boundElsewhere('no'),
        steps: [states(1, asked('none'))],
        examined: 1,
        count: 1,
        first: [1, 1, WEB, `NMI on node-a found no AzureAssignedIdentity when ${WEB} asked; it answered 404`],
      },
    ],
    spares: [
      { steps: [states(1, asked('Assigned', 200))], examined: 1 },
      { fill: nobody, steps: [states(1, asked('none'))], examined: 1 },
      { fill: boundElsewhere('yes'), steps: [states(1, asked('none'))], examined: 1 },
      { steps: [podGone(1), states(1, asked('none'))], examined: 1 },
    ],
  },
  staleRevision: {
    shows: [
      {
        steps: [states(1, api(200)), states(1, api(409), api(409, 'create'), api(404))],
        examined: 4,
        count: 2,
        first: [2, 2, '', `mic/${MIC}: update of AzureAssignedIdentity answered 409`],
      },
      {
        steps: [states(1, arm(202), arm(412), arm(409), arm(404))],
        examined: 4,
        count: 2,
        first: [1, 1, '', `mic/${MIC}: patchIdentity of ${SCALE_SET} answered 412 NotAllowed`],
      },
    ],
    spares: [
      { steps: [states(1, api(200), api(404), arm(202), arm(429), fact.tried(409))], examined: 4 },
      { steps: [states(1, api(409, 'update', 'Endpoints'))], examined: 0 },
      { steps: [states(1, api(409, 'list'), api(409, 'get'), arm(409, 'getInstanceView'), arm(409, 'pollOperation'))], examined: 0 },
    ],
  },
  servedOtherPod: {
    shows: [
      {
        steps: [states(3, resolved(WEB)), states(4, resolved('default/old')), states(4, resolved('default/old'), resolved(''))],
        examined: 3,
        count: 2,
        first: [2, 7, WEB, `NMI on node-a took a request of ${WEB} for one of default/old`],
      },
    ],
    spares: [
      { steps: [states(1, resolved(WEB))], examined: 1 },
      { steps: [states(1, resolved(''))], examined: 0 },
    ],
  },
  bypassedNmi: {
    shows: [
      {
        steps: [states(1, routed('nmi')), states(1, routed('imds'), routed('imds', 'host'))],
        examined: 2,
        count: 1,
        first: [2, 2, WEB, `${WEB} on node-a reached IMDS around NMI`],
      },
    ],
    spares: [
      { steps: [states(1, routed('nmi'))], examined: 1 },
      { steps: [states(1, routed('imds', 'host'))], examined: 0 },
      { fill: {}, steps: [states(1, routed('imds'))], examined: 0 },
    ],
  },
  twoLeaders: {
    shows: [
      {
        steps: [states(1, leads(MIC)), states(1, leads('mic/default/mic-2'), fact.containerEnded('default/mic-9'))],
        examined: 2,
        count: 1,
        first: [2, 2, 'default/mic-2', `default/mic-2 began to lead while ${MIC} still did`],
      },
    ],
    spares: [
      { steps: [states(1, leads(MIC)), states(1, leads(`mic/${MIC}`))], examined: 2 },
      { steps: [states(1, leads(MIC), stopped(`mic/${MIC}`)), states(1, leads('default/mic-2'))], examined: 2 },
      { steps: [states(1, leads(MIC), fact.containerEnded(MIC)), states(1, leads('default/mic-2'))], examined: 2 },
    ],
  },
  wedge: {
    shows: [
      {
        steps: [660, 660, 601].flatMap((lasts) => [states(1, began()), states(lasts, ended)]),
        examined: 3,
        count: 3,
        first: [1, 1, MIC, `a cycle of ${MIC} lasted 11 min`],
        worst: [1, 1, MIC, `a cycle of ${MIC} lasted 11 min`, 660],
      },
      {
        steps: [states(1, began(`mic/${MIC}`), began('default/mic-2')), states(1, stopped('default/mic-2')), states(600)],
        examined: 2,
        count: 1,
        first: [1, 1, MIC, `a cycle of ${MIC} lasted 10 min 01 s`],
        worst: [1, 1, MIC, `a cycle of ${MIC} lasted 10 min 01 s`, 601],
      },
    ],
    spares: [
      { steps: [states(1, began()), states(600, ended), states(601)], examined: 1 },
      { steps: [states(1, began()), states(600)], examined: 1 },
      { steps: [states(1, began()), states(300, fact.containerEnded(MIC)), states(601)], examined: 1 },
      { steps: [states(1, began()), states(300, stopped(`mic/${MIC}`)), states(601, ended)], examined: 1 },
      { steps: [states(700, ended)], examined: 0 },
    ],
  },
} as const satisfies Partial<Readonly<Record<RaceClass, RacePair>>>;
