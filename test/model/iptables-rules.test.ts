/** The redirect of the metadata address, as a table of states. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { destinationOf, flushed, isAccepted, noRules, redirects, removed, reversed, written } from '../../src/model/iptables-rules.ts';
import type { NodeRules } from '../../src/model/node-rules.ts';

const rules = fc.record<NodeRules>({
  node: fc.constant('n'),
  chain: fc.constantFrom('absent', 'empty', 'full', 'reversed'),
  jump: fc.constantFrom('absent', 'present'),
  listener: fc.constantFrom('up', 'down'),
});
const pod = { network: 'pod', sourceIP: '10.0.0.1' } as const;

describe('rules of a node', () => {
  it('redirect only with the whole chain and the jump to it', () => {
    const chains = ['absent', 'empty', 'full', 'reversed'] as const;
    const found = chains.flatMap((chain) =>
      (['absent', 'present'] as const)
        .filter((jump) => redirects({ node: 'n', chain, jump, listener: 'up' }))
        .map((jump) => `${chain} ${jump}`),
    );
    expect(found).toEqual(['full present']);
  });

  it('refuse a pod where nobody listens, and let the host pass to IMDS', () => {
    const full = { ...written(noRules('n')), listener: 'down' } as const;
    expect(destinationOf(full, pod)).toBe('refused');
    expect(destinationOf({ ...full, listener: 'up' }, pod)).toBe('nmi');
    expect(destinationOf(full, { network: 'host', sourceIP: '10.0.0.4' })).toBe('imds');
    expect(destinationOf(full, { network: 'pod', sourceIP: '127.0.0.1' })).toBe('imds');
    expect(destinationOf(noRules('n'), pod)).toBe('imds');
  });

  // Claim: after NMI wrote, its own check is content, and once more changes nothing. Method: every state.
  test.prop({ it: rules })('writing is accepted and idempotent', ({ it: before }) => {
    const after = written(before);
    expect(isAccepted(after)).toBe(true);
    expect(written(after)).toEqual(after);
    // The order of the two rules is never repaired.
    expect(redirects(after)).toBe(before.chain !== 'reversed');
  });

  // Claim: what a third party or NMI takes away redirects no more, and the port is nobody's business here. Method: every state.
  test.prop({ it: rules })('flushing, removing and reversing all end the redirect', ({ it: before }) => {
    for (const change of [flushed, removed, reversed]) {
      expect(redirects(change(before))).toBe(false);
      expect(change(before).listener).toBe(before.listener);
    }
    expect(isAccepted(reversed({ ...before, chain: 'full', jump: 'present' }))).toBe(true);
    expect(isAccepted(flushed(before))).toBe(before.chain === 'absent' ? isAccepted(before) : false);
  });
});
