/** smoke */
import { expect, test } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import { renderText } from '../../src/report/terminal/index.ts';
import { fact, settledWorld, pod } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';

test('smoke', () => {
  const run = scriptedRun(
    [
      states(1, fact.asked('r1')),
      { after: seconds(30), part: 'patch', act: () => undefined },
      { after: seconds(4), part: 'nmiPoll', act: (turn) => { turn.fact(fact.issued('uti-r1', 86_400_000_000)); turn.fact(fact.answered('r1')); } },
      states(1, fact.accessed('default/web')),
      writes(10, 'pods', { 'default/web': pod('web', { deleted: 46_000_000 }) }),
      writes(5, 'azureAssignedIdentities', { 'default/web-default-reader': undefined }),
    ],
    { fill: settledWorld(), tail: 60 },
  );
  const report = run.report();
  console.log(renderText(report));
  console.log(renderText(report, { verbose: true }));
  expect(report.tokens.first.waits?.count).toBe(1);
});
