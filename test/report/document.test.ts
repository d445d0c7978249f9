/** The report as data: it fits its schema, the schema is fresh, and its sections say what the run did. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { reportJsonSchema, reportSchema } from '../../src/report/document/index.ts';
import { fact, pod, settledWorld } from './objects.ts';
import { scriptedRun, states } from './scripted-run.ts';
import { wholeRun } from './whole-run.ts';

const schemaFile = new URL('../../schema/report.schema.json', import.meta.url);

describe('the document', () => {
  test('fits the published schema, full and empty, after a trip through JSON', () => {
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
    for (const run of [wholeRun(), scriptedRun([states(1)])]) {
      const document = JSON.parse(JSON.stringify(run.report())) as unknown;
      validate(document);
      expect(validate.errors).toBeNull();
      expect(reportSchema.parse(document)).toEqual(run.report());
    }
  });

  test('has a schema that says no to a missing or unknown field', () => {
    const { format, ...rest } = wholeRun().report();
    expect(format).toBe('idflow.report/1');
    expect(reportSchema.safeParse(rest).success).toBe(false);
    expect(reportSchema.safeParse({ ...rest, format, extra: 1 }).success).toBe(false);
  });

  test('has a schema file that is fresh: npm run schema writes it', () => {
    expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });

  test('is the same when asked for twice, and for two runs of the same script', () => {
    const run = wholeRun();
    expect(run.report()).toEqual(run.report());
    expect(wholeRun().report()).toEqual(run.report());
  });
});

describe('observing', () => {
  test('moves no fingerprint', () => {
    const observed = scriptedRun([states(1, fact.asked('r1')), states(1, fact.answered('r1'))], { fill: settledWorld() });
    expect(observed.report().provenance).toMatchObject({
      fingerprint: observed.outcome.fingerprint,
      seed: 'hand-made',
      ended: 'horizon',
      simulatedUs: 2_000_000,
    });
  });
});

describe('sections', () => {
  const report = wholeRun().report();

  test('the course has the steps of the example in order of time', () => {
    const { milestones, steps } = report.course;
    expect(
      milestones.filter(({ step }) => step !== null).map(({ milestone, step, place }) => [step, milestone, place.atUs / 1_000_000]),
    ).toEqual([
      [1, 'serviceAccount', 0],
      [2, 'micLeading', 1],
      [2, 'nmiServing', 1],
      [1, 'azureIdentityCreated', 2],
      [1, 'bindingCreated', 2],
      [3, 'podCreated', 3],
      [3, 'podScheduled', 3],
      [3, 'podStarted', 4],
      [3, 'tokenAsked', 4],
      [3, 'assignmentCreated', 5],
      [3, 'patchEnded', 35],
      [3, 'assigned', 36],
      [4, 'nmiAnswered', 39],
      [4, 'tokenAnswered', 39],
      [4, 'serviceAccessed', 40],
    ]);
    expect(steps).toMatchObject([{ step: 'step-0001', text: 'install pod identity' }]);
    for (const { step, words } of milestones) expect(words !== '').toBe(step !== null);
  });

  test('a token that MIC asks for itself is no step of the example', () => {
    const mic = { ...pod('mic-1'), metadata: { ...pod('mic-1').metadata, labels: {} } };
    const fill = { ...settledWorld(), pods: { 'default/mic-1': mic, 'default/web': pod('web') } };
    const run = scriptedRun([states(1, fact.nmi(200, { sender: 'default/mic-1' })), states(1, fact.nmi(200))], { fill });
    expect(run.report().course.milestones).toMatchObject([
      { milestone: 'nmiAnswered', times: 1, place: { atUs: 2_000_000, pod: 'default/web' } },
    ]);
  });

  test('without pod identity no milestone is a step of the example', () => {
    const { milestones } = scriptedRun([states(1, fact.asked('r1')), states(1, fact.answered('r1'))]).report().course;
    expect(milestones.map(({ milestone, step }) => [milestone, step])).toEqual([
      ['tokenAsked', null],
      ['tokenAnswered', null],
    ]);
  });

  test('load counts calls by server, client and operation, and waits for own limits', () => {
    expect(report.load.calls.map(({ server, client, operation, calls, failed }) => [server, client, operation, calls, failed])).toEqual([
      ['aad', 'imds', 'token', 1, 0],
      ['db', 'pod', 'read', 2, 1],
      ['kube-apiserver', 'mic', 'create AzureAssignedIdentity', 1, 0],
      ['nmi', 'pod', 'token', 1, 0],
    ]);
    expect(report.load.waits).toEqual([{ client: 'mic', bucket: 'aai', count: 1, totalUs: 2_000_000, maxUs: 2_000_000 }]);
  });
});

describe('audit', () => {
  test('attributes accesses of a principal that one pod used, and not those that two shared', () => {
    const one = scriptedRun([states(1, fact.accessed('default/web'), fact.accessed('default/web'))], { fill: settledWorld() }).report()
      .audit;
    expect(one).toMatchObject({ accesses: 2, attributable: 2, attributableShare: 1 });
    const shared = scriptedRun(
      [
        states(
          1,
          fact.accessed('default/web'),
          fact.accessed('default/other', { callerIP: '10.0.0.10' }),
          fact.accessed('default/solo', { objectId: 'sp-2' }),
        ),
      ],
      { fill: settledWorld() },
    ).report().audit;
    expect(shared).toMatchObject({ accesses: 3, attributable: 1, attributableWithAddress: 3 });
    expect(shared.entries[0]).toMatchObject({
      service: 'db',
      principal: 'reader',
      principalKind: 'userAssigned',
      statuses: [{ status: 200, count: 2 }],
      senders: [
        { sender: 'default/other', count: 1 },
        { sender: 'default/web', count: 1 },
      ],
    });
  });
});
