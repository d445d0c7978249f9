/** `podIdentity.version`: which releases there are, what they know, and what their numbers were. */
import { describe, expect, it } from 'vitest';
import { described, notesOf, problemsOf, scenarioText } from './loading.ts';

const installed = (podIdentity: object): string => scenarioText({ cluster: { podIdentity } });
const nmi = (image: string, args: readonly string[]): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'nmi' },
    spec: { template: { spec: { containers: [{ name: 'nmi', image, args }] } } },
  });

describe('the release', () => {
  it('is 1.8.17 unless said otherwise, and may be written with a v', () => {
    expect(described(installed({})).cluster?.podIdentity?.settings.version).toBe('1.8.17');
    expect(described(installed({ version: 'v1.6.0' })).cluster?.podIdentity?.settings.version).toBe('1.6.0');
  });

  it('must be one that is known: the problem stands at its place and names those that are', () => {
    const [problem = ''] = problemsOf(installed({ version: '1.9.0' }));
    expect(problem).toMatch(/^test\.yaml:\d+:\d+ world\.cluster\.podIdentity\.version: .*1\.9\.0.* known are 1\.2, 1\.3, .*1\.8\.17/u);
  });

  it('is read from the image of NMI, and taken for the last one where its tag is none', () => {
    const text = scenarioText({ rest: { manifests: ['nmi.yaml'] } });
    const managed = ['--operation-mode=managed'];
    expect(described(text, { 'nmi.yaml': nmi('r/nmi:v1.7.5', managed) }).cluster?.podIdentity?.settings.version).toBe('1.7.5');
    const odd = { 'nmi.yaml': nmi('r/nmi:v1.8.99', managed) };
    expect(described(text, odd).cluster?.podIdentity?.settings.version).toBe('1.8.17');
    expect(notesOf(text, odd).join()).toContain('1.8.99 is no release that is known');
  });

  it('says which flags there are: one that came later is a problem, in a scenario and in a manifest', () => {
    const later = installed({ version: '1.8.1', nmi: { flags: { 'set-retry-after-header': true } } });
    expect(problemsOf(later)).toEqual([expect.stringContaining('--set-retry-after-header came with 1.8.2: NMI 1.8.1 does not know it')]);
    const text = scenarioText({ rest: { manifests: ['nmi.yaml'] } });
    expect(problemsOf(text, { 'nmi.yaml': nmi('r/nmi:v1.5.5', ['--operation-mode=managed']) })[0]).toContain('came with 1.6.0');
    expect(problemsOf(installed({ version: '1.5.5', mode: 'managed' })).join()).toContain('is managed, which came with 1.6.0');
  });

  it('installs with the flags its manifests had', () => {
    const argsOf = (version: string): readonly string[] => {
      const objects = described(installed({ version })).steps.flatMap(({ action }) => ('objects' in action ? action.objects : []));
      const set = objects.find((object) => object.kind === 'DaemonSet');
      return set?.spec.template.spec.containers[0]?.args ?? [];
    };
    expect(argsOf('1.8.17')).toContain('--metadata-header-required=true');
    expect(argsOf('1.8.3')).not.toContain('--metadata-header-required=true');
    expect(argsOf('1.8.3')).toContain('--enableScaleFeatures=true');
    expect(argsOf('1.3')).toEqual(['--node=$(NODE_NAME)']);
  });

  it('presets knobs, below flags and parameters', () => {
    const candidate = installed({ version: '1.5-rc2' });
    expect(described(candidate).overrides).toMatchObject({ 'nmi.lookup.createdAttempts': '9', 'nmi.lookup.assignedAttempts': '3' });
    const flagged = installed({ version: '1.5-rc2', nmi: { flags: { 'retry-attempts-for-created': 16 } } });
    expect(described(flagged).overrides).toMatchObject({ 'nmi.lookup.createdAttempts': '16', 'nmi.lookup.assignedAttempts': '3' });
  });
});
