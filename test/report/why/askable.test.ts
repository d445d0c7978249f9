/** Claim: a question about what a run does not have is refused with what could be asked; one about what did not happen says what did. */
import { describe, expect, it } from 'vitest';
import { askableIn, objectionsTo, readQuestion } from '../../../src/report/why/index.ts';
import { podsMeant, workloadOf } from '../../../src/report/why/pods.ts';
import { asked, runOf } from './asked.ts';

const run = runOf('aks-sql-token');

function objections(text: string): string {
  const reading = readQuestion(text);
  return reading.ok ? objectionsTo(reading.question, run).join('\n') : reading.rule;
}

describe('what the run does not have', () => {
  it.each([
    ['token of pod nobody', /no pod of this run is called "nobody"\npods to ask about: shop\/orders \(2 pods\)/u],
    ['token of pod ordres', /did you mean orders/u],
    ['assignment of pod nobody', /no pod of this run is called "nobody"/u],
    ['token of pod mic', /pods called "mic" ran, but none of them asked for a token/u],
    ['token of pod orders at 9:00:00', /the run ends at 00:30:00\.0/u],
    ['assignment of pod orders at 31:00', /the run ends at 00:30:00\.0/u],
    ['last mic-leading at 2h', /the run ends at 00:30:00\.0/u],
    ['leftover nothing-id', /nothing named "nothing-id" was left behind\nleft behind: SQL DB Contributor on orders-db/u],
    ['violation of noRemovalWhileInUse', /does not watch noRemovalWhileInUse.*it watches always: assignedOnlyAfterAttached/u],
    ['event 99999999', /numbered from 0 to \d+$/u],
  ])('%s is objected to', (text, rule) => {
    expect(objections(text)).toMatch(rule);
  });

  it.each(['token of pod orders', 'assignment of pod shop/orders at 1:00', 'leftover', 'race twoLeaders', 'event 0', 'first mic-stopped'])(
    '%s can be asked',
    (text) => {
      expect(objections(text)).toBe('');
    },
  );

  it('is listed for who does not know what to ask', () => {
    const lists = askableIn(run);
    expect(lists).toContain('token of pod: shop/orders (2 pods)');
    expect(lists).toContain('race: askedBeforeAssigned');
    expect(lists.some((line) => line.startsWith('first or last: '))).toBe(true);
  });
});

describe('what did not happen', () => {
  it.each([
    ['race twoLeaders', 'no race of class twoLeaders was found; there are askedBeforeAssigned'],
    ['first nmi-answered[status=999]', 'no nmi-answered of that kind was stated; of 4 in all status was 200 (3), 500 (1)'],
    ['first mic-stopped', 'mic-stopped was never stated in this run; stated were mic-leading (1)'],
    ['violation of tokenMatchesRequest', 'tokenMatchesRequest did not fall: always: tokenMatchesRequest held'],
    ['token of pod orders at 29:59', 'orders asked for no token from then on; the last time was 00:'],
  ])('%s says what did', (text, answer) => {
    expect(asked(text, run)).toMatchObject({ found: 'nothing' });
    expect(asked(text, run).answer).toContain(answer);
  });
});

describe('a name', () => {
  const pods = ['default/web-0', 'default/web-1', 'default/webhook-h4vrjgj-2n5kb', 'shop/web-h4vrjgj-9qnmj', 'other/desk'];

  it('means the pod itself, then its workload, then the beginning, then a part', () => {
    expect(podsMeant('web-1', pods)).toEqual(['default/web-1']);
    expect(podsMeant('default/web', pods)).toEqual(['default/web-0', 'default/web-1']);
    expect(podsMeant('web', pods)).toEqual(['default/web-0', 'default/web-1', 'shop/web-h4vrjgj-9qnmj']);
    expect(podsMeant('webh', pods)).toEqual(['default/webhook-h4vrjgj-2n5kb']);
    expect(podsMeant('esk', pods)).toEqual(['other/desk']);
    expect(podsMeant('nobody', pods)).toEqual([]);
  });

  it.each([
    ['shop/orders-66swrhn-9qnmj', 'shop/orders'],
    ['default/report-5frds', 'default/report'],
    ['default/web-1', 'default/web'],
    ['default/agent-names-none', 'default/agent-names-none'],
    ['hasty000005/app', 'hasty/app'],
    ['vm', 'vm'],
  ])('of %s is that of workload %s', (pod, workload) => {
    expect(workloadOf(pod)).toBe(workload);
  });
});
