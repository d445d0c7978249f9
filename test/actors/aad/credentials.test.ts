/** Credentials of applications: several at once, rotated, removed, spreading over the replicas of the directory. */
import { describe, expect, it } from 'vitest';
import { after, days, hours, moment, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { factsOf, heardOf, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const START = moment(0);

/** A request with one of the secrets; NMI shows no key id. */
function ask(at: Duration, value: string): Line {
  const credential = { kind: 'secret', keyId: '', value } as const;
  return {
    at,
    to: 'aad',
    message: { type: 'AadTokenRequest', request: `at ${String(at)} ${value}`, clientId: 'app', credential, resource: 'r' },
  };
}

function change(at: Duration, message: Partial<MessageOf<'CredentialWanted'>> = {}): Line {
  const plain = { type: 'CredentialWanted', objectId: 'app-1', kind: 'secret', keyId: 's2', value: 'new', others: 'kept' } as const;
  return { at, to: 'aad', message: { ...plain, ...message } };
}

const removal = (at: Duration): Line => ({ at, to: 'aad', message: { type: 'CredentialUnwanted', objectId: 'app-1', keyId: 's1' } });

/** An application whose first secret `old` is good for two hours, and one whose time has not come. */
function run(script: readonly Line[], knobs: Readonly<Record<string, string>> = {}): PlatformRun {
  return runBothWays({
    knobs: { 'secret.new.usableAfter': '10s', 'mi.sp.replicationDelay': '10s', 'entra.token.latency': '300ms', ...knobs },
    fill: (sim) => {
      sim.fill('servicePrincipals', 'app-1', {
        objectId: 'app-1',
        appId: 'app',
        kind: 'application',
        displayName: 'app',
        resourceId: '',
        createdAt: START,
        replicatedAt: START,
        credentials: [
          { kind: 'secret', keyId: 's1', value: 'old', notBefore: START, notAfter: moment(hours(2)) },
          { kind: 'secret', keyId: 's0', value: 'early', notBefore: moment(hours(1)), notAfter: moment(hours(2)) },
        ],
      });
    },
    script,
    until: days(1),
  });
}

const answers = (told: PlatformRun): readonly (number | string)[] =>
  heardOf(told, 'AadTokenResponse').map(({ status, error }) => error ?? status);

describe('a secret of an application', () => {
  it('is taken beside another one, refused as wrong before its time, and as expired after it', () => {
    const told = run([ask(seconds(10), 'old'), ask(seconds(20), 'early'), ask(hours(1), 'early'), ask(hours(2), 'early')]);
    expect(answers(told)).toEqual([200, 'AADSTS7000215', 200, 'AADSTS7000222']);
  });

  it('that is new is refused as wrong until it is usable; the old one goes on, even after its own replacement', () => {
    const told = run([change(seconds(100)), ask(seconds(109), 'new'), ask(seconds(110), 'new'), ask(seconds(111), 'old')]);
    expect(answers(told)).toEqual(['AADSTS7000215', 200, 200]);
    expect(factsOf(told, 'credential-added')).toMatchObject([{ keyId: 's2', usableFrom: seconds(110) }]);
  });

  it('that is new is missed by ever fewer requests while it spreads, from the moment the first replica takes it', () => {
    const asks = Array.from({ length: 900 }, (_, n) => ask(seconds(110.05 + n * 0.1), 'new'));
    const told = run([change(seconds(100)), ...asks], { 'mi.sp.replicationDelay': '100s' });
    const missed = factsOf(told, 'aad-token-refused').map(({ at }) => at);
    const share = (from: number, to: number): number =>
      missed.filter((at) => at >= seconds(from) && at < seconds(to)).length / ((to - from) * 10);
    expect(share(110, 128)).toBeGreaterThan(0.8);
    expect(share(146, 164)).toBeGreaterThan(0.35);
    expect(share(146, 164)).toBeLessThan(0.65);
    expect(share(182, 200)).toBeLessThan(0.2);
  });

  it('lives as long as its maker says, else as long as people choose', () => {
    const told = run([change(seconds(100), { life: hours(5) }), change(seconds(200), { keyId: 's3' })]);
    const [said, drawn] = factsOf(told, 'credential-added');
    expect(said?.notAfter).toBe(after(moment(seconds(100)), hours(5)));
    expect([180, 365, 730].map((n) => after(moment(seconds(200)), days(n)))).toContain(drawn?.notAfter);
  });

  it('that is removed is refused once every replica knows that', () => {
    const told = run([removal(seconds(100)), removal(seconds(101)), ask(seconds(110), 'old')]);
    expect(answers(told)).toEqual(['AADSTS7000215']);
    expect(factsOf(told, 'credential-removed')).toMatchObject([{ keyId: 's1', at: seconds(100) }]);
  });

  it('goes with the others when the new one is to be the only one', () => {
    const told = run([change(seconds(100), { others: 'removed' }), ask(seconds(111), 'old'), ask(hours(1), 'early'), ask(hours(3), 'new')]);
    expect(answers(told)).toEqual(['AADSTS7000215', 'AADSTS7000215', 200]);
  });
});
