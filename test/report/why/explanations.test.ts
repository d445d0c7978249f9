/** Claim: an answer to «why» is the walk that latencies are divided by, told in order, and says so plainly where there is nothing to tell. */
import { describe, expect, it } from 'vitest';
import { after, minutes, ORIGIN } from '../../../src/kernel/time.ts';
import { readQuestion } from '../../../src/report/why/index.ts';
import { asked, reasonsOf, runOf } from './asked.ts';

const run = runOf('aks-sql-token');

describe('why a token took its time', () => {
  const answer = asked('token of pod orders', run);

  it('names the wait first, and the PATCH as its largest part', () => {
    expect(answer.answer).toMatch(
      /^shop\/orders-\S+ had its token from NMI at 00:02:50\.4, 48\.2 s after its container started, the first of 2 pods called so$/u,
    );
    expect(answer.parts[0]).toMatchObject({ part: 'patch' });
    expect(answer.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('tells causes oldest first, each after the one before it by just what it waited for', () => {
    for (const [n, link] of answer.chain.entries()) {
      const before = answer.chain[n - 1];
      if (before === undefined) continue;
      expect(link.atUs - before.atUs).toBe(link.waited.reduce((sum, { tookUs }) => sum + tookUs, 0));
    }
  });

  it('names the source of the rule behind each wait that a number decides', () => {
    const waits = answer.chain.flatMap(({ waited }) => waited);
    expect(waits.find(({ part }) => part === 'nmiPoll')?.sources).toEqual([
      'nmi.lookup.interval (PI-CODE flag find-identity-retry-interval)',
    ]);
    expect(waits.find(({ part }) => part === 'patch')?.sources.length).toBeGreaterThan(0);
  });

  it('goes on from a moment: the next token after it', () => {
    const later = asked('token of pod orders at 5:00', run);
    expect(later.chain.at(-1)?.atUs).toBeGreaterThan(300_000_000);
  });
});

describe('why an assignment came about', () => {
  it('goes back to the story step that began it', () => {
    const { chain, answer } = asked('assignment of pod orders', run);
    expect(answer).toContain('became Assigned at 00:02:46.5');
    const all = chain.map(({ sentence, stated }) => [sentence, ...stated].join(' | ')).join('\n');
    expect(all).toContain('the story: ');
    expect(all).toContain('PATCH aks-pool1-vmss +1 -0');
  });
});

describe('why not yet', () => {
  it('tells how far it came and what is still under way', () => {
    const stuck = runOf(
      'aks-sql-token',
      { 'vmss.patch.duration.serverSide': '3h', 'arm.poll.maxDuration.mic': '4h' },
      after(ORIGIN, minutes(10)),
    );
    const answer = asked('assignment of pod orders', stuck);
    expect(answer.found).toBe('notYet');
    expect(answer.answer).toMatch(/is Created since 00:02:0/u);
    const { because } = reasonsOf(answer);
    expect(because).toMatch(/MIC \S+ is in one cycle since 00:02:00\S+ \(8 min\), with assigned identities: 1 to create/u);
    expect(because).toMatch(
      /the worker of MIC for aks-pool1-vmss is at it since .*: its write, PATCH aks-pool1-vmss \+1 -0, runs at ARM since 00:02:0/u,
    );
  });

  it('says that there is nothing where there is nothing', () => {
    expect(asked('token of pod orders at 29:59', run)).toMatchObject({ found: 'nothing', chain: [] });
    expect(asked('race twoLeaders', run)).toMatchObject({ found: 'nothing' });
  });
});

describe('why a token that was waited for at a moment', () => {
  const batch = runOf('bad-identity-in-batch');

  it('takes the asking that was open then, the oldest of several, however long it stays so', () => {
    for (const [time, waited] of [
      ['9:30', '45.6 s'],
      ['12:00', '3 min 16 s'],
    ] as const) {
      const answer = asked(`token of pod typo at ${time}`, batch);
      expect(answer.found).toBe('notYet');
      expect(answer.answer).toMatch(/default\/typo-spv7k8m-x27rv was waiting since 00:08:44\.4 \(.*\), and had no token to the end/u);
      expect(answer.answer).toContain(`(${waited})`);
      expect(reasonsOf(answer).because).toMatch(/worker for aks-pool1-vmss failed [^]*typo-id' was not found/u);
    }
  });

  it('knows of it no more than there was then', () => {
    const answer = asked('token of pod typo at 9:30', batch);
    expect(answer.chain.at(-1)?.atUs).toBeLessThanOrEqual(570_000_000);
  });

  it('says what ended it, where something did', () => {
    expect(asked('token of pod typo at 2:00', batch).answer).toMatch(/was waiting since 00:00:43\.\d \(.*\); default\/typo-\S+ gave up/u);
    expect(asked('token of pod orders at 2:30', run).answer).toMatch(/; shop\/orders-\S+ had its token from NMI at 00:02:50\.4/u);
  });

  it('says where none was open since when the pod had one, and when the next one came', () => {
    expect(asked('token of pod orders at 12:03', run).answer).toMatch(
      /^at 00:12:03\.0 (\S+) was waiting for no token: it had one in its own cache since 00:08:0\d\.\d; the next time, \1 had its token from its own cache at 00:12:06\.7/u,
    );
  });
});

describe('why a race or an event', () => {
  it('leads to the place the report names', () => {
    const first = run.report.races.find(({ race }) => race === 'askedBeforeAssigned')?.first;
    const answer = asked('race askedBeforeAssigned', run);
    expect(answer.chain.at(-1)?.event).toBe(first?.place.event);
    expect(asked('event 100', run).chain.at(-1)?.event).toBe(100);
  });
});

describe('why a cycle lasted', () => {
  it('is told from its beginning to its end, with what it waited for meanwhile', () => {
    const answer = asked('race wedge', runOf('patch-16-minutes'));
    expect(answer.chain.at(-1)?.atUs).toBeGreaterThan(18 * 60_000_000);
    const { because } = reasonsOf(answer);
    expect(because).toMatch(/is in one cycle since 00:02:00\.\d[^]*ended at ARM at 00:02:44\.6, but MIC has not heard of it/u);
    expect(because).toMatch(/the longest waits, of .*: until a poll sees its end 15 min 16 s/u);
  });
});

describe('how things stood', () => {
  it('names what was under way at that moment, not later', () => {
    const early = reasonsOf(asked('first connection-routed[pod=shop/orders-*]', run));
    expect(`${early.because}\n${early.standing}`).toMatch(/the worker of MIC for aks-pool1-vmss is at it since 00:02:0/u);
    expect(`${early.because}\n${early.standing}`).not.toContain('put orders-id on');
    const late = reasonsOf(asked('token of pod orders', run));
    expect(late.standing).toContain('put orders-id on aks-pool1-vmss at');
    expect(`${late.because}\n${late.standing}`).not.toContain('is at it since');
  });

  it('says of what never was that nothing of that kind was stated', () => {
    expect(asked('first mic-stopped', run)).toMatchObject({ found: 'nothing', standing: [] });
  });
});

describe('a question', () => {
  it.each([
    ['token of orders', { about: 'token', pod: 'orders', at: undefined }],
    ['why token of pod shop/orders at 12:03?', { about: 'token', pod: 'shop/orders', at: 723_000_000 }],
    ['assignment of pod a at 1:00:00.5', { about: 'assignment', pod: 'a', at: 3_600_500_000 }],
    ['token of pod a at 90s', { about: 'token', pod: 'a', at: 90_000_000 }],
    ['leftover', { about: 'leftover', name: '' }],
    ['violation of noRemovalWhileInUse', { about: 'violation', invariant: 'noRemovalWhileInUse' }],
    ['event #7', { about: 'event', event: 7 }],
    [
      'first nmi-answered[status=404] at 1:00',
      {
        about: 'fact',
        which: 'first',
        at: 60_000_000,
        pattern: { type: 'nmi-answered', by: '', tests: [{ path: 'status', op: '=', value: '404' }] },
      },
    ],
    ['last mic-stopped', { about: 'fact', which: 'last', at: 0, pattern: { type: 'mic-stopped', by: '', tests: [] } }],
  ])('%s is understood', (text, question) => {
    expect(readQuestion(text)).toEqual({ ok: true, question });
  });

  it.each([
    ['', 'what do you want to know?'],
    ['tokn of pod a', 'did you mean token?'],
    ['token of pod', 'is no question yet; ask: token of pod NAME [at TIME]'],
    ['event abc', 'is no question yet; ask: event NUMBER'],
    ['violation of nothingLikeIt', 'there are answerCodesKnown'],
    ['weather tomorrow', 'is no question I know'],
    ['token of pod a at 99:99', '"99:99" is no time since the start'],
    ['token of pod a at 1:60:00', '"1:60:00" is no time since the start'],
    ['token of pod a at noon', '"noon" is no time since the start'],
    ['race twoLeader', 'twoLeaders'],
    ['first nmi-answerd', 'nmi-answered'],
    ['last mic-stopped at noon', '"noon" is no time since the start'],
    ['violation of noRemovalWhileInUsed', 'noRemovalWhileInUse'],
  ])('%s is refused with what would be right', (text, rule) => {
    const reading = readQuestion(text);
    expect(reading.ok ? '' : reading.rule).toContain(rule);
  });
});
