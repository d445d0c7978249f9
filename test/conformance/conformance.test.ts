/** The open conformance cases hold; what is skipped or known to differ is written down with its reason, case by case. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { expanded, laidOver, readCaseFiles } from './case-files.ts';
import type { ConformanceCase } from './case.ts';
import { runCase } from './case-run.ts';
import { KNOWN_FAILURES } from './known-failures.ts';
import { mutantsOf } from './mutations.ts';
import { OBSERVED_DIFFERENCES } from './observed-differences.ts';
import { SKIPPED_CASES } from './skipped-cases.ts';
import { SLOW_CASES } from './slow-cases.ts';

const { files } = readCaseFiles(path.join(import.meta.dirname, 'cases'));
const cases = files.flatMap((file) => file.cases);
const reasons = new Map(Object.entries(SKIPPED_CASES).flatMap(([reason, ids]) => ids.map((id) => [id, reason] as const)));
const caseOf = (id: string): ConformanceCase => {
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
};

/** The case of 20,000 pods takes seconds, and longer where other tests want the machine [ms]. */
const LONGEST = 180_000;

describe('every open case', () => {
  test('the copy holds 115 cases', () => {
    expect(cases).toHaveLength(115);
  });

  test.each(cases.filter(({ id }) => !reasons.has(id) && KNOWN_FAILURES[id] === undefined && !SLOW_CASES.includes(id)))(
    '$id holds',
    (one) => {
      const result = runCase(one);
      expect(result).toMatchObject({ verdict: 'passed' });
      const differing = result.verdict === 'passed' ? result.observed.failures : [];
      expect(differing).toHaveLength(OBSERVED_DIFFERENCES[one.id]?.items ?? 0);
    },
    LONGEST,
  );

  test.each([...reasons])('%s is skipped, because %s', (id, reason) => {
    expect(runCase(caseOf(id))).toEqual({ verdict: 'skipped', reason });
  });

  test('known failures still fail', () => {
    const healed = Object.keys(KNOWN_FAILURES).filter((id) => runCase(caseOf(id)).verdict !== 'failed');
    expect(healed).toEqual([]);
  });
});

describe('the runner', () => {
  const lifecycle = caseOf('mic.lifecycle.assign-remove-cloud-error');

  test('fails a case whose count of objects is off by one', () => {
    const then = [{ at: 'assigned', objects: { kind: 'AzureAssignedIdentity', count: 2 } }];
    expect(runCase({ ...lifecycle, then })).toMatchObject({
      verdict: 'failed',
      text: 'at assigned: number of AzureAssignedIdentity: expected 2, seen 1',
    });
  });

  test('fails a case whose identity is expected on another resource', () => {
    const resource = { kind: 'VirtualMachine', name: 'other-node' };
    const then = [{ at: 'assigned', arm: { resource, userAssignedIdentities: { contains: ['id'] } } }];
    expect(runCase({ ...lifecycle, then })).toMatchObject({ verdict: 'failed' });
  });

  test('fails a case whose loop is never told to stop', () => {
    const exit = caseOf('mic.exit.loop-stops-when-asked');
    expect(runCase({ ...exit, when: [{ start: 'mic' }] })).toMatchObject({ verdict: 'failed' });
  });

  test('fails a case that waits for what never comes', () => {
    const when = [...lifecycle.when, { await: { objects: { kind: 'AzureAssignedIdentity', count: 7 }, timeoutSeconds: 5 } }];
    expect(runCase({ ...lifecycle, when })).toMatchObject({ verdict: 'failed' });
  });

  test('refuses a PATCH that adds an identity nobody created, and says which', () => {
    const arm = { unknownResources: 'createEmpty', identities: [{ name: 'other', resourceGroup: 'rg' }] };
    const then = [{ at: 'assigned', objects: { kind: 'AzureAssignedIdentity', exactly: [{ status: { status: 'Created' } }] } }];
    const one = { ...lifecycle, given: { ...lifecycle.given, arm }, then, observed: [] };
    expect(runCase(one)).toMatchObject({ verdict: 'passed' });
  });

  test('an identity leaves a block once, in whatever letter case it is named', () => {
    const when = [
      { object: { as: 'block', type: 'identityBlock', kind: 'VirtualMachine', userAssignedIdentities: ['id1', 'id2'] } },
      { call: { as: 'first', fn: 'cloud.dropFromPatch', on: 'block', args: { id: 'ID1' } } },
      { call: { as: 'second', fn: 'cloud.dropFromPatch', on: 'block', args: { id: 'id1' } } },
    ];
    const then = [
      { returns: { of: 'first', value: true } },
      { returns: { of: 'second', value: false } },
      { object: { of: 'block', userAssignedIdentities: { count: 1 } } },
    ];
    expect(runCase({ ...lifecycle, when, then, observed: [] })).toMatchObject({ verdict: 'passed' });
  });

  test('skips a case that asks for a function nobody knows', () => {
    const one = { ...lifecycle, when: [{ call: { as: 'r', fn: 'mic.unheardOf', args: {} } }], then: [] };
    expect(runCase(one)).toEqual({ verdict: 'skipped', reason: 'mic.unheardOf: no rule of that name' });
  });

  test('skips a case of which one assertion cannot be looked at, even if all others hold', () => {
    const then = [...lifecycle.then, { iptables: { node: 'all' } }];
    expect(runCase({ ...lifecycle, then }).verdict).toBe('skipped');
  });

  test('does what is scheduled while other steps go on', () => {
    const when = [
      { schedule: { afterSeconds: 3, do: [{ mark: 'later' }] } },
      { advance: { seconds: 1 } },
      { mark: 'sooner' },
      { parallel: [[{ advance: { seconds: 4 } }], [{ advance: { seconds: 2 } }]] },
      { mark: 'both' },
    ];
    const then = [
      { elapsed: { from: 'sooner', to: 'later', minSeconds: 2, maxSeconds: 2.001 } },
      { elapsed: { from: 'sooner', to: 'both', minSeconds: 4, maxSeconds: 4.001 } },
    ];
    expect(runCase({ ...lifecycle, when, then, observed: [] })).toMatchObject({ verdict: 'passed' });
  });
});

describe('the words of a case', () => {
  const lifecycle = caseOf('mic.lifecycle.assign-remove-cloud-error');

  test('a step nobody knows skips the case and is named', () => {
    const one = { ...lifecycle, when: [...lifecycle.when, { reboot: {} }] };
    expect(runCase(one)).toEqual({ verdict: 'skipped', reason: 'nobody knows the word reboot' });
  });

  test('a misspelt word inside an assertion skips the case instead of passing it', () => {
    const one = { ...lifecycle, then: [{ objects: { kind: 'AzureAssignedIdentity', cuont: 7 } }] };
    expect(runCase(one)).toEqual({ verdict: 'skipped', reason: 'nobody knows the word objects.cuont' });
  });

  test('an assertion at a mark that no step sets fails', () => {
    const one = { ...lifecycle, then: [{ at: 'nowhere', objects: { kind: 'AzureAssignedIdentity', count: 0 } }] };
    expect(runCase(one)).toMatchObject({ verdict: 'failed', text: 'mark nowhere was never reached' });
  });

  test.each([
    'mic.lifecycle.assign-remove-cloud-error',
    'nmi-standard.find.created-only',
    'nmi-managed.find.client-id-match',
    'nmi-server.token.no-metadata-header',
    'nmi-server.route.host-token',
    'cloud.retry-after.seconds',
    'support.retry.retriable',
    'e2e.instance-metadata.instance-blocked',
  ])('%s fails as soon as one expected value is another', (id) => {
    const one = caseOf(id);
    const survivors = mutantsOf(one).filter(({ mutant }) => runCase(mutant).verdict !== 'failed');
    expect(survivors.map(({ what }) => what)).toEqual([]);
  });
});

describe('loading', () => {
  test('nested repeats are written out, outer first, with value, remainder and sum', () => {
    const item = { $repeat: { var: 'i', from: 0, to: 1 }, item: { $repeat: { var: 'j', from: 2, to: 3 }, item: '${i}-${j%2}-${j+5}' } };
    expect(expanded([item])).toEqual(['0-0-7', '0-1-8', '1-0-7', '1-1-8']);
  });

  test('over a base, maps merge, objects and namespaces grow, other lists are replaced', () => {
    const base = { flags: { mic: { a: 1, b: 2 } }, objects: [1], namespaces: ['x'], components: ['mic'] };
    const own = { flags: { mic: { b: 3 } }, objects: [2], namespaces: ['y'], components: ['nmi'] };
    expect(laidOver(base, own)).toEqual({
      flags: { mic: { a: 1, b: 3 } },
      objects: [1, 2],
      namespaces: ['x', 'y'],
      components: ['nmi'],
    });
  });

  describe('of files with mistakes', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cases-'));
    writeFileSync(path.join(folder, 'broken.yaml'), '- id: one\n  given: {a: [1\n');
    writeFileSync(path.join(folder, 'map.yaml'), 'id: one\n');
    writeFileSync(
      path.join(folder, 'mixed.yaml'),
      '- {id: fine, when: [], then: []}\n- {id: based, given: {base: nowhere}}\n- {when: []}\n- {id: odd, when: 3}\n',
    );
    const { files: read, problems } = readCaseFiles(folder);

    test('names every mistake with its file, and the place where the text is none', () => {
      const [first, ...others] = problems;
      expect(first).toMatch(/^broken[.]yaml:\d+:\d+: /u);
      expect(others.filter((text) => !text.startsWith('broken.yaml:'))).toEqual([
        'map.yaml: must be a list of cases',
        'mixed.yaml: based: base nowhere is not there',
        'mixed.yaml: case 3: has no id',
        'mixed.yaml: odd: when must be a list of maps',
      ]);
    });

    test('still gives the cases that are well written', () => {
      expect(read.flatMap(({ cases: some }) => some.map(({ id }) => id))).toEqual(['fine']);
    });
  });
});
