/** Flags of MIC and NMI become knobs and settings, from command lines and from the scenario. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/model/calibration/index.ts';
import { FLAGS, splitFlags } from '../../src/scenarios/manifests/flags.ts';
import { described, notesOf, problemsOf, scenarioText } from './loading.ts';

const installed = (args: readonly string[], env: readonly object[] = [{ name: 'MIC_POD_NAMESPACE', value: 'default' }]): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mic' },
    spec: { template: { spec: { containers: [{ name: 'mic', image: 'example.azurecr.io/mic:v1.8.9', args, env }] } } },
  });

const withManifest = scenarioText({ rest: { manifests: ['mic.yaml'] } });
const withFlags = (mic: object, nmi: object = {}): string =>
  scenarioText({ cluster: { podIdentity: { mic: { flags: mic }, nmi: { flags: nmi } } } });

describe('a command line', () => {
  it('is split as Go does: name=value, name value, and switches that take no word after them', () => {
    const flags = splitFlags('mic', [
      '--logtostderr',
      'word',
      '--clientQps=20',
      '-syncRetryDuration',
      '10m',
      '--forceNamespaced',
      '--immutable-user-msis=a=b',
    ]);
    expect(flags.map(({ name, value, index }) => [name, value, index])).toEqual([
      ['logtostderr', 'true', 0],
      ['clientQps', '20', 2],
      ['syncRetryDuration', '10m', 3],
      ['forceNamespaced', 'true', 5],
      ['immutable-user-msis', 'a=b', 6],
    ]);
  });

  it('of a manifest sets knobs, and its image the version', () => {
    const scenario = described(withManifest, {
      'mic.yaml': installed(['--clientQps=20', '--syncRetryDuration=600s', '--immutable-user-msis=AB,cd']),
    });
    expect(scenario.overrides).toEqual({ 'mic.clientQps': '20', 'mic.immutableIds': 'AB,cd', 'mic.sync.periodic': '10m' });
    expect(scenario.cluster?.podIdentity).toMatchObject({
      source: 'manifests',
      micFlags: { clientQps: '20', syncRetryDuration: '600s', 'immutable-user-msis': 'AB,cd' },
      settings: { version: '1.8.9', mode: 'standard', immutableClientIds: ['ab', 'cd'], forceNamespaced: 'no' },
    });
    expect(scenario.steps.map(({ origin }) => origin)).toEqual(['manifest']);
  });

  it('is joined by the environment: FORCENAMESPACED=true wins over a flag that says false', () => {
    const env = [
      { name: 'MIC_POD_NAMESPACE', value: 'default' },
      { name: 'FORCENAMESPACED', value: 'true' },
    ];
    const scenario = described(withManifest, { 'mic.yaml': installed(['--forceNamespaced=false'], env) });
    expect(scenario.cluster?.podIdentity?.settings.forceNamespaced).toBe('yes');
  });

  it('with an unknown flag is noted, with a bad value refused, each at its argument', () => {
    expect(notesOf(withManifest, { 'mic.yaml': installed(['--clientQsp=20']) })).toContainEqual(
      expect.stringMatching(
        /^mic\.yaml:1:\d+ spec\.template\.spec\.containers\[0\]\.args\[0\]: unknown flag of MIC "clientQsp"; did you mean clientQps\?$/u,
      ),
    );
    const problems = problemsOf(withManifest, { 'mic.yaml': installed(['--syncRetryDuration=soon', '--clientQps=0']) });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/args\[0\]: --syncRetryDuration must be a duration such as 3m, not "soon"$/u);
    expect(problems[1]).toMatch(/args\[1\]: --clientQps is at least 0.001 \[req\/s\]$/u);
  });

  it('gives all copies of MIC one name at the lock, unless it gives each the name of its pod', () => {
    const field = (fieldPath: string): object => ({ name: 'WHO', valueFrom: { fieldRef: { fieldPath } } });
    const named = (...more: object[]): unknown => {
      const env = [{ name: 'MIC_POD_NAMESPACE', value: 'default' }, ...more];
      return described(withManifest, { 'mic.yaml': installed(['--leader-election-instance=$(WHO)'], env) }).overrides;
    };
    expect(named(field('metadata.name'))).toEqual({});
    expect(named(field('spec.nodeName'))).toEqual({ 'mic.lease.instance': '$(WHO)' });
  });

  it('without MIC_POD_NAMESPACE makes MIC end at once, which is a warning', () => {
    expect(
      notesOf(withManifest, { 'mic.yaml': installed([], []) }).some((note) =>
        note.endsWith('MIC_POD_NAMESPACE is not set: MIC ends at once'),
      ),
    ).toBe(true);
  });
});

describe('flags in the scenario', () => {
  it('are for the built-in installation, which adds MIC, NMI, two service accounts and two exceptions', () => {
    const scenario = described(withFlags({ 'leader-election-duration': '30s' }, { 'find-identity-retry-interval': 2, 'nmi-port': 2600 }));
    expect(scenario.overrides).toEqual({ 'mic.lease.duration': '30s', 'nmi.listenAddress': '127.0.0.1:2600', 'nmi.lookup.interval': '2s' });
    const [step] = scenario.steps;
    const kinds = step?.action.verb === 'apply' ? step.action.objects.map(({ kind }) => kind) : [];
    expect(kinds).toEqual([
      'ServiceAccount',
      'DaemonSet',
      'ServiceAccount',
      'Deployment',
      'AzurePodIdentityException',
      'AzurePodIdentityException',
    ]);
  });

  it('are refused where they are unknown', () => {
    expect(problemsOf(withFlags({ clientQsp: 3 }))).toEqual([
      expect.stringMatching(
        /world\.cluster\.podIdentity\.mic\.flags\.clientQsp: unknown flag of MIC "clientQsp"; did you mean clientQps\?$/u,
      ),
    ]);
  });

  it('give way to parameters of the same knob', () => {
    const text = scenarioText({
      world: { parameters: { 'mic.clientQps': 50 } },
      cluster: { podIdentity: { mic: { flags: { clientQps: 20 } } } },
    });
    expect(described(text).overrides).toEqual({ 'mic.clientQps': 50 });
  });

  it('install no MIC in managed mode, and make NMI namespaced', () => {
    const scenario = described(scenarioText({ cluster: { podIdentity: { mode: 'managed' } } }));
    expect(scenario.overrides).toEqual({ 'nmi.namespaced': 'true', 'nmi.operationMode': 'managed' });
    expect(scenario.cluster?.podIdentity).toMatchObject({ micFlags: {}, settings: { mode: 'managed', forceNamespaced: 'yes' } });
  });
});

describe('the table of flags', () => {
  it('names 26 knobs, all of which exist', () => {
    const knobs = Object.values(FLAGS).flatMap((flags) => Object.values(flags).flatMap(({ knob }) => (knob === undefined ? [] : [knob])));
    expect(knobs.filter((knob) => !Object.hasOwn(catalogue, knob))).toEqual([]);
    expect(knobs).toHaveLength(26);
  });
});
