/**
 * Claim: whatever is wrong with a scenario, a person gets every problem at once, with file, line, column, place and rule, on stderr, exit 2,
 * and no stack trace. What reality takes with a shrug is a warning, exit 0. The rules' own words are tested with the loader.
 */
import { describe, expect, it } from 'vitest';
import { commandLine, folderWith } from '../support/command-line.ts';

const idflow = commandLine();

const HEAD = ['question: Is it so?', 'group: basics', 'horizon: 10m'];
const WORLD = [
  'world:',
  '  identities: [{ name: app-id }]',
  '  cluster:',
  '    nodePools:',
  '      - { name: pool1, nodes: 1 }',
  '    podIdentity: {}',
];
const APP = [
  'apiVersion: apps/v1',
  'kind: Deployment',
  'metadata: { name: app }',
  'spec:',
  '  replicas: 1',
  '  selector: { matchLabels: { app: app } }',
  '  template:',
  '    metadata: { labels: { app: app, aadpodidbinding: app } }',
  '    spec: { containers: [{ name: app, image: app }] }',
];
const BINDING = [
  'apiVersion: aadpodidentity.k8s.io/v1',
  'kind: AzureIdentityBinding',
  'metadata: { name: app-binding }',
  'spec: { azureIdentity: nobody, selector: app }',
];

function text(...lines: readonly (readonly string[])[]): string {
  return `${lines.flat().join('\n')}\n`;
}

/** Each class of mistake: the files, and what each line on stderr begins with. */
const CLASSES: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
  ['a wrong key', { 'bad.yaml': text(HEAD, WORLD, ['storry: []']) }, ['bad.yaml:10:1 storry: unknown key "storry"; did you mean story?']],
  [
    'a wrong unit',
    { 'bad.yaml': text(HEAD, WORLD, ['story:', '  - { at: 5, drain: pool1/0 }']) },
    ['bad.yaml:11:11 story[0].at: needs a unit'],
  ],
  [
    'an unknown actor',
    { 'bad.yaml': text(HEAD, WORLD, ['story:', '  - { at: 1m, fault: { id: f, to: mick/*, do: drop } }']) },
    ['bad.yaml:11:35 story[0].fault.to: unknown actor "mick/*"; did you mean mic/*?'],
  ],
  [
    'a negative time',
    { 'bad.yaml': text(HEAD, WORLD, ['story:', '  - { at: -5m, drain: pool1/0 }']) },
    ['bad.yaml:11:11 story[0].at: time cannot be negative: -5m'],
  ],
  ['unparsable YAML', { 'bad.yaml': 'a: [1\nb: {' }, ['bad.yaml:2:1 is not YAML: ', 'bad.yaml:2:5 is not YAML: ']],
  ['an empty file', { 'bad.yaml': '' }, ['bad.yaml:1:1 the scenario is empty']],
  [
    'a manifest of the wrong version',
    {
      'bad.yaml': text(HEAD, WORLD, ['manifests: [app.yaml, binding.yaml]']),
      'app.yaml': text(APP).replace('apps/v1', 'apps/v1beta1'),
      'binding.yaml': text(BINDING).replace('k8s.io/v1', 'k8s.io/v2'),
    },
    ['app.yaml:1:13 apiVersion: ', 'binding.yaml:1:13 apiVersion: '],
  ],
  [
    'two pools with one name',
    { 'bad.yaml': text(HEAD, WORLD).replace('    podIdentity', '      - { name: pool1, nodes: 2 }\n    podIdentity') },
    ['bad.yaml:9:17 world.cluster.nodePools[1].name: there are two node pools with the name "pool1"'],
  ],
  [
    'a step after the horizon',
    { 'bad.yaml': text(HEAD, WORLD, ['story:', '  - { at: 11m, drain: pool1/0 }']) },
    ['bad.yaml:11:11 story[0].at: 11m lies after the horizon'],
  ],
  [
    'an expect on an unknown metric',
    { 'bad.yaml': text(HEAD, WORLD, ['expect:', '  - measure: tokens.frist.p99 < 90s']) },
    ['bad.yaml:11:14 expect[0].measure: unknown metric "tokens.frist.p99"; did you mean tokens.first.p99'],
  ],
];

/** Everything wrong at once that can be: all but what hides the rest, text that is no YAML. */
const ALL: Readonly<Record<string, string>> = {
  'bad.yaml': text(
    HEAD,
    ['hoirzon: 3m'],
    WORLD,
    ['      # a second pool of that name'],
    ['manifests: [app.yaml]'],
    ['story:', '  - { at: -5m, drain: pool1/0 }', '  - { at: 5, drain: pool1/0 }', '  - { at: 11m, drain: pool1/0 }'],
    ['  - { at: 1m, fault: { id: f, to: mick/*, do: drop } }'],
    ['expect:', '  - measure: tokens.frist.p99 < 90s'],
  ).replace('    podIdentity', '      - { name: pool1, nodes: 2 }\n    podIdentity'),
  'app.yaml': text(APP).replace('apps/v1', 'apps/v1beta1'),
};

describe('a scenario with', () => {
  it.each(CLASSES)('%s: exit 2, the problem with its place, and nothing else', async (_, files, beginnings) => {
    const cwd = folderWith(files);
    for (const command of ['run', 'validate']) {
      const ended = await idflow([command, 'bad.yaml'], { cwd });
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      const lines = ended.stderr.trimEnd().split('\n');
      expect(lines).toEqual(beginnings.map((beginning) => expect.stringContaining(beginning) as string));
      for (const [index, beginning] of beginnings.entries()) expect(lines[index]?.startsWith(beginning)).toBe(true);
    }
  });

  it('all of them: all problems at once, in the order of file, line and column', async () => {
    const ended = await idflow(['run', 'bad.yaml'], { cwd: folderWith(ALL) });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(
      ended.stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.split(': ')[0]),
    ).toEqual([
      'app.yaml:1:13 apiVersion',
      'bad.yaml:4:1 hoirzon',
      'bad.yaml:10:17 world.cluster.nodePools[1].name',
      'bad.yaml:15:11 story[0].at',
      'bad.yaml:16:11 story[1].at',
      'bad.yaml:17:11 story[2].at',
      'bad.yaml:18:35 story[3].fault.to',
      'bad.yaml:20:14 expect[0].measure',
    ]);
    expect(ended.stderr).not.toMatch(/^ +at /mu);
  });

  it('a binding to an AzureIdentity that is missing: a warning with its place, and the run goes on, exit 0', async () => {
    const files = {
      'odd.yaml': text(HEAD, WORLD, ['manifests: [app.yaml, binding.yaml]', 'expect:', '  - { eventually: micHasLeader, within: 5m }']),
      'app.yaml': text(APP),
      'binding.yaml': text(BINDING),
    };
    const ended = await idflow(['run', 'odd.yaml'], { cwd: folderWith(files) });
    expect(ended.stderr).toMatch(/^warning: binding\.yaml:4:\d+ .*nobody/u);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.stdout).toContain('HOLDS');
    expect(ended.code).toBe(0);
  });
});
