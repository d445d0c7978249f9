/** Outages of Entra that come by themselves. */
import { describe, expect, it } from 'vitest';
import { between, minutes, moment, seconds } from '../../../src/kernel/time.ts';
import { factsOf, fillIdentity, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

/** One request a minute for a day. */
const ASKS: readonly Line[] = Array.from({ length: 1440 }, (_, n) => ({
  at: minutes(n),
  to: 'aad',
  message: {
    type: 'AadTokenRequest',
    request: `r${String(n)}`,
    clientId: 'client-web',
    credential: { kind: 'certificate', keyId: 'key-web', value: 'private' },
    resource: 'https://vault.azure.net',
  },
}));

function run(severity: string): PlatformRun {
  const knobs = {
    'entra.outage.interarrival': 'const(10h)',
    'entra.outage.duration': 'const(2h)',
    'entra.outage.severity': severity,
    'entra.token.errorProb': 0,
  };
  return runBothWays({ knobs, fill: (sim) => fillIdentity(sim, 'web'), script: ASKS, until: minutes(1440) });
}

describe('an outage', () => {
  it('fails all requests with 503 while it lasts, and none before, between and after', () => {
    const failed = factsOf(run('const(1)'), 'aad-token-refused').map(({ at, error }) => `${error} ${String(at / minutes(1))}`);
    const during = [...Array(120).keys()].flatMap((n) => [600 + n, 1200 + n]).sort((a, b) => a - b);
    expect(failed).toEqual(during.map((minute) => `AADSTS90033 ${String(minute)}`));
  });

  it('of severity a half fails about half of them', () => {
    const told = run('const(0.5)');
    expect(factsOf(told, 'aad-token-refused').length / 240).toBeGreaterThan(0.35);
    expect(factsOf(told, 'aad-token-refused').length / 240).toBeLessThan(0.65);
    expect(factsOf(told, 'entra-outage-began')).toMatchObject([{ severity: 0.5 }, { severity: 0.5 }]);
    expect(factsOf(told, 'entra-outage-began').map(({ at, until }) => between(moment(at), until))).toEqual([seconds(7200), seconds(7200)]);
  });
});
