/** The stepper: forth and back end in the same state, and its answers about changes and causes hold. Driven as piped lines drive it. */
import { describe, expect, test } from 'vitest';
import { folded } from '../../src/cli/folded.ts';
import { StepSession } from '../../src/cli/step/session.ts';
import { differenceText, treeDiff } from '../../src/cli/step/tree-diff.ts';
import { styleFor } from '../../src/cli/style.ts';
import { worldOf } from '../../src/experiments/run.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { commandLine, folderWith, smallScenario } from '../support/command-line.ts';

const idflow = commandLine();

function session(width = 100): StepSession {
  const loaded = loadScenario({ path: 'small.yaml', text: smallScenario('sometimes: tokenAnswered'), readText: () => undefined });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ rule }) => rule).join('; '));
  return new StepSession(worldOf({ scenario: loaded.scenario, mode: 'recorded' }), { style: styleFor({ color: 'none' }), width });
}

/** What the session answers to each line, as one text a line. */
function answers(one: StepSession, ...lines: readonly string[]): readonly string[] {
  return lines.map((line) => one.execute(line).lines.join('\n'));
}

/** Everything a person can see of the present moment: place, fingerprint, what the last event did, every actor's state. */
function allOf(one: StepSession): readonly string[] {
  const actors = one.execute('a').lines;
  return answers(one, 's', 'w', 'y', ...actors.map((actor) => `a ${actor}`), 't pods', 't virtualMachines', 't servicePrincipals');
}

// Claim: N forth and N back end in the same state, for any N. Method: walks of several lengths, compared in all that can be seen.
test.each([1, 2, 7, 30, 50])('%i forth and back, and forth again, show the same', (steps) => {
  const one = session();
  answers(one, 'n 10');
  const before = allOf(one);
  answers(one, `n ${String(steps)}`);
  const there = allOf(one);
  answers(one, `b ${String(steps)}`);
  expect(allOf(one)).toEqual(before);
  answers(one, `n ${String(steps)}`);
  expect(allOf(one)).toEqual(there);
});

test('going one by one ends where going at once does', () => {
  const [one, other] = [session(), session()];
  for (let step = 0; step < 25; step += 1) one.execute('n');
  other.execute('n 25');
  expect(allOf(one)).toEqual(allOf(other));
});

test('go to an event, a time, the start and the end', () => {
  const one = session();
  expect(answers(one, 'g #7', 's')).toEqual([expect.stringMatching(/^#7 /), expect.stringMatching(/^after 8 events/)]);
  expect(answers(one, 'g start')).toEqual(['at the start: nothing has happened yet']);
  const [byDuration, byClock] = answers(one, 'g 1m30s', 'g 00:01:30');
  expect(byDuration).toMatch(/^#\d+ 00:0[1-9]:/);
  expect(byClock).toBe(byDuration);
  const [, atEnd, more] = answers(one, 'g end', 's', 'n');
  expect(atEnd).toMatch(/^after \d+ events, at 00:(?:09:\d\d|10:00)/);
  expect(more).toBe('nothing more happens before the end');
  expect(answers(one, 'g yesterday')[0]).toContain('go where?');
});

test('find goes to the first event that matches, then to the next, and stays where it is when there is none', () => {
  const one = session();
  const [first, second] = answers(one, 'f token-answered', 'f');
  expect(first).toContain('fact token-answered');
  expect(second).toContain('fact token-answered');
  expect(second).not.toBe(first);
  const here = allOf(one);
  expect(answers(one, 'f no-such-thing')).toEqual(['no event from here to the end contains "no-such-thing"']);
  expect(allOf(one)).toEqual(here);
});

test('what changed: the state of the actor and the facts; why: the request that the answer answers', () => {
  const one = session();
  one.execute('f token-answered');
  const [changed, why] = answers(one, 'w', 'y');
  expect(changed).toContain('state of app/app-vm/app');
  expect(changed).toContain('fact token-answered');
  expect(why).toContain('app-vm/app asked IMDS of app-vm: GET token for vault.azure.net');
  expect(why?.split('\n').at(-1)).toContain('the world started with it');
});

test('states and rows are found by part of a name, and what is not there is said', () => {
  const one = session();
  one.execute('n 20');
  expect(answers(one, 'a imds')[0]).toMatch(/^imds\/app-vm\n/);
  expect(answers(one, 'a nobody')).toEqual(['no living actor\'s name contains "nobody"']);
  expect(answers(one, 't virtualMachines')).toEqual(['app-vm']);
  expect(answers(one, 't virtualMachines app-vm')[0]).toContain('name: app-vm');
  expect(answers(one, 't nothing')[0]).toContain('no table "nothing"');
  expect(answers(one, 'x')).toEqual(['no command "x"; h lists them']);
  expect(answers(one, 'n zero')[0]).toContain('a count is a whole number');
});

test('as a process it reads one command a line, ends at q or at the end of stdin, and exits 0', async () => {
  const cwd = folderWith({ 'small.yaml': smallScenario('sometimes: tokenAnswered') });
  const forth = await idflow(['step', 'small.yaml'], { cwd, input: 'n 12\ns\n' });
  const forthAndBack = await idflow(['step', 'small.yaml'], { cwd, input: 'n 40\nb 28\ns\nq\nn\n' });
  expect([forth.code, forthAndBack.code]).toEqual([0, 0]);
  const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1);
  expect(lastLine(forth.stdout)).toMatch(/^after 12 events, at /);
  expect(lastLine(forthAndBack.stdout)).toBe(lastLine(forth.stdout));
});

describe('differences of trees', () => {
  test('what came, went and changed, by path', () => {
    const before = { a: 1, list: [1, 2], gone: 'x', deep: { 'odd key': true } };
    const after = { a: 2, list: [1, 2, 3], deep: { 'odd key': false }, came: { b: 0 } };
    expect(treeDiff(before, after).map(differenceText)).toEqual([
      '~ a: 1 → 2',
      '+ list.2 = 3',
      '- gone (was x)',
      '~ deep["odd key"]: true → false',
      '+ came.b = 0',
    ]);
    expect(treeDiff(before, structuredClone(before))).toEqual([]);
  });

  test('times are clock readings and durations, a time that has not come is left alone, and so is every other number', () => {
    const after = { took: 45_365_839, askedAt: 122_259_718, renewedAt: -1, status: 200, waits: { retryAfter: [30_000_000] } };
    expect(treeDiff(undefined, after).map(differenceText)).toEqual([
      '+ took = 45.4 s',
      '+ askedAt = 00:02:02.259',
      '+ renewedAt = -1',
      '+ status = 200',
      '+ waits.retryAfter.0 = 30000000',
    ]);
  });
});

describe('folded lines', () => {
  test('break at blanks, else at a mark in a long name, else anywhere, and stand further in', () => {
    expect(folded('  one two three four five six seven eight', 24)).toEqual([
      '  one two three four',
      '      five six seven',
      '      eight',
    ]);
    expect(folded('  + id = /subscriptions/one/resourceGroups/two', 30)).toEqual([
      '  + id = /subscriptions/one/',
      '      resourceGroups/two',
    ]);
    expect(folded('x'.repeat(50), 30)).toEqual(['x'.repeat(30), `    ${'x'.repeat(20)}`]);
    expect(folded('short', 30)).toEqual(['short']);
  });

  test('are as wide as what is seen: colours take no room', () => {
    const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    expect(folded(`${red('one')} ${red('two')}`, 7)).toHaveLength(1);
  });
});

test('words do as letters do, and nothing is wider than the page', () => {
  const [one, other] = [session(), session()];
  expect(answers(one, 'find token-answered', 'what', 'why', 'status', 'help')).toEqual(
    answers(other, 'f token-answered', 'w', 'y', 's', 'h'),
  );
  expect(one.execute('quit')).toEqual(other.execute('q'));
  const narrow = session(40);
  for (const line of ['f token-answered', 'w', 'y', 'h', 'a', 'a imds', 't']) {
    expect(narrow.execute(line).lines.filter((text) => text.length > 40)).toEqual([]);
  }
});
