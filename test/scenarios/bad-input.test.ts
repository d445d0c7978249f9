/** Bad scenarios: every class of mistake is found, all at once, with file, line, column and rule; nothing throws. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from './loading.ts';

const head = 'question: Is it so?\ngroup: basics\nhorizon: 30m\n';
const pool = 'world:\n  cluster:\n    nodePools:\n      - { name: pool1, nodes: 3 }\n';

describe('the text itself', () => {
  it('is a problem when it is empty, or only a comment', () => {
    expect(problemsOf('')).toEqual(['test.yaml:1:1 the scenario is empty']);
    expect(problemsOf('# nothing\n---\n')).toEqual(['test.yaml:1:1 the scenario is empty']);
  });

  it('is a problem when it is no YAML: two mistakes, two positions', () => {
    const problems = problemsOf('a: [1\nb: {');
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^test\.yaml:2:1 is not YAML: /);
    expect(problems[1]).toMatch(/^test\.yaml:2:5 is not YAML: /);
  });

  it('is a problem when an alias has no anchor, or the whole is a number', () => {
    expect(problemsOf('a: *b')[0]).toMatch(/^test\.yaml:1:1 cannot be read as YAML: /);
    expect(problemsOf('3')).toContain('test.yaml:1:1 must be a map, not the number 3');
  });

  it('is a problem when a second scenario follows', () => {
    expect(problemsOf(`${head}${pool}---\n${head}${pool}`)).toEqual(['test.yaml:9:1 is a second document: a file holds one scenario']);
  });
});

describe('the shape', () => {
  it('names a wrong key and the nearest right one, at the key', () => {
    expect(problemsOf(`${head.replace('horizon', 'hoirzon')}${pool}`)).toEqual([
      'test.yaml:1:1 horizon: is missing',
      'test.yaml:3:1 hoirzon: unknown key "hoirzon"; did you mean horizon?',
    ]);
    expect(problemsOf(`${head}${pool}        kin: vm\n`.replace('{ name: pool1, nodes: 3 }', 'name: pool1\n        nodes: 3'))).toEqual([
      'test.yaml:9:9 world.cluster.nodePools[0].kin: unknown key "kin"; did you mean kind?',
    ]);
  });

  it('refuses times without a unit, and says of negative ones that they are negative', () => {
    const story =
      'story:\n  - { at: -5m, drain: pool1/0 }\n  - { at: 5, drain: pool1/0 }\n  - { at: 5 minutes, drain: pool1/0 }\n  - { at: -5, drain: pool1/0 }\n';
    expect(problemsOf(head + pool + story)).toEqual([
      'test.yaml:9:11 story[0].at: time cannot be negative: -5m',
      'test.yaml:10:11 story[1].at: needs a unit: 5s, 5m or 5h?',
      'test.yaml:11:11 story[2].at: "5 minutes" is no duration: write 30s, 5m, 1h30m or 250ms, largest unit first',
      'test.yaml:12:11 story[3].at: time cannot be negative, and needs a unit: not -5',
    ]);
  });

  it('wants exactly one verb a step', () => {
    const problems = problemsOf(`${head}${pool}story:\n  - { at: 1m }\n  - { at: 1m, drain: pool1/0, restore: x }\n`);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(/^test\.yaml:9:5 story\[0\]: needs one verb: apply, delete/);
    expect(problems[1]).toBe('test.yaml:10:5 story[1]: has drain and restore: needs exactly one');
  });
});

describe('names', () => {
  it('finds two pools, two identities and two services with one name, even if one is wrong in itself', () => {
    const world = `${pool}      - { name: pool1, nodes: -1 }\n  identities: [{ name: a }, { name: a }]\n  services:\n    - { name: s, kind: sql }\n    - { name: s, kind: keyVault }\n`;
    expect(problemsOf(head + world)).toEqual([
      'test.yaml:8:17 world.cluster.nodePools[1].name: there are two node pools with the name "pool1"',
      'test.yaml:8:31 world.cluster.nodePools[1].nodes: must be a whole number from 0 to 1000',
      'test.yaml:9:37 world.identities[1].name: there are two identities with the name "a"',
      'test.yaml:12:15 world.services[1].name: there are two services with the name "s"',
    ]);
  });

  it('refuses what nobody has: component, actor, identity, service, pool, kind', () => {
    const story = [
      'story:',
      '  - { at: 1m, kill: { component: mik } }',
      '  - { at: 1m, fault: { id: f, to: mick/*, do: drop } }',
      '  - { at: 1m, deleteIdentity: b-id }',
      '  - { at: 1m, assignRole: { to: a-id, role: Reader, on: dbb } }',
      '  - { at: 1m, scale: { nodePool: pool2, to: 4 } }',
      '  - { at: 1m, delete: [Deploymend/x] }',
      '  - { at: 1m, deleteVm: nowhere }',
      '',
    ].join('\n');
    const problems = problemsOf(`${head}${pool}  identities: [{ name: a-id }]\n  services: [{ name: db, kind: sql }]\n${story}`);
    expect(problems.map((problem) => problem.replace(/; actors are.*/u, ''))).toEqual([
      'test.yaml:11:34 story[0].kill.component: must be one of mic, nmi, not "mik"; did you mean mic or nmi?',
      'test.yaml:12:35 story[1].fault.to: unknown actor "mick/*"; did you mean mic/*?',
      'test.yaml:13:31 story[2].deleteIdentity: unknown identity "b-id"; did you mean a-id?',
      'test.yaml:14:57 story[3].assignRole.on: unknown service "dbb"; did you mean db?',
      'test.yaml:15:34 story[4].scale.nodePool: unknown node pool "pool2"; did you mean pool1?',
      'test.yaml:16:24 story[5].delete[0]: unknown kind "Deploymend"; did you mean Deployment?',
      'test.yaml:17:25 story[6].deleteVm: unknown VM "vm:nowhere"',
    ]);
  });

  it('blames nobody who refers to an identity that is wrong in itself', () => {
    const world = `${pool}  identities: [{ name: a-id, clientID: 7 }]\n`;
    expect(problemsOf(`${head}${world}story:\n  - { at: 1m, deleteIdentity: a-id }\n`)).toEqual([
      'test.yaml:8:40 world.identities[0].clientID: must be a client id such as 5ad5de2b-0ca4-4c4e-8d7c-1f2a3b4c5d6e',
    ]);
  });
});

describe('times and expectations', () => {
  it('refuses a step, a manifest and a limit after the horizon', () => {
    const rest =
      'manifests: [{ file: a.yaml, at: 31m }]\nstory:\n  - { at: 30m1s, drain: pool1/0 }\n  - { at: 30m, drain: pool1/0 }\nexpect:\n  - { eventually: tokenAnswered, within: 1h }\n';
    expect(problemsOf(head + pool + rest, { 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n' })).toEqual([
      'test.yaml:8:33 manifests[0].at: 31m lies after the horizon',
      'test.yaml:10:11 story[0].at: 30m1s lies after the horizon',
      'test.yaml:13:42 expect[0].within: 1h lies after the horizon',
    ]);
  });

  it('refuses a step that is not there, a limit after the horizon counted from it, and after where it says nothing', () => {
    const rest = [
      'story:',
      '  - { at: 20m, key: crash, drain: pool1/0 }',
      'expect:',
      '  - { eventually: micHasLeader, after: crahs, within: 2m }',
      '  - { eventually: micHasLeader, after: crash, within: 11m }',
      '  - { sometimes: micHasLeader, after: burst }',
      '  - { always: rulesInPlace, after: crash }',
      "  - { measure: 'count(token-failed) == 0', after: crash }",
      '  - { eventually: micHasLeader, after: crash, within: 10m }',
      '  - { sometimes: micHasLeader, after: crash }',
      '',
    ].join('\n');
    expect(problemsOf(head + pool + rest)).toEqual([
      'test.yaml:11:40 expect[0].after: unknown key of a step "crahs"; did you mean crash?',
      'test.yaml:12:55 expect[1].within: 11m after crash lies after the horizon',
      'test.yaml:13:39 expect[2].after: unknown key of a step "burst"',
      'test.yaml:14:5 expect[3]: after belongs to eventually or sometimes',
      'test.yaml:15:5 expect[4]: after belongs to eventually or sometimes; an observation has its own, such as count(token-failed) after KEY',
    ]);
  });

  it('refuses unknown metrics, invariants and conditions, and bounds in the wrong unit', () => {
    const expectations = [
      'expect:',
      '  - measure: tokens.first.p9 < 3s',
      '  - measure: tokens.first.p99 < 3',
      '  - measure: tokens.denied403.share < 30s',
      '  - measure: mic.cycles.count < 5%',
      '  - measure: tokens.first.p99 is small',
      '  - always: oneCycleAtAtime',
      '  - sometimes: tokenAnswerd',
      '  - eventually: tokenAnswered',
      '  - within: 3m',
      '',
    ].join('\n');
    expect(problemsOf(head + pool + expectations)).toEqual([
      'test.yaml:9:14 expect[0].measure: unknown metric "tokens.first.p9"; did you mean tokens.first.p90 or tokens.first.p95 or tokens.first.p99?',
      'test.yaml:10:14 expect[1].measure: tokens.first.p99 is bounded by a duration such as 90s, not "3"',
      'test.yaml:11:14 expect[2].measure: tokens.denied403.share is bounded by a percentage such as 5%, not "30s"',
      'test.yaml:12:14 expect[3].measure: mic.cycles.count is bounded by a plain number, not "5%"',
      'test.yaml:13:14 expect[4].measure: "tokens.first.p99 is small" is no measure: write metric, <, <=, >, >= or ==, and a bound, such as tokens.first.p99 < 90s',
      'test.yaml:14:13 expect[5].always: unknown invariant "oneCycleAtAtime"; did you mean oneCycleAtATime?',
      'test.yaml:15:16 expect[6].sometimes: unknown condition "tokenAnswerd"; did you mean tokenAnswered?',
      'test.yaml:16:5 expect[7]: eventually needs within',
      'test.yaml:17:5 expect[8]: needs always, eventually, sometimes or measure',
      'test.yaml:17:5 expect[8]: within belongs to eventually',
    ]);
  });

  it('refuses unknown knobs and values in the wrong unit, where they stand', () => {
    expect(problemsOf(`${head}${pool}  parameters:\n    mic.reconcil: 3m\n    mic.reconcile: 3\n`)).toEqual([
      'test.yaml:9:19 world.parameters["mic.reconcil"]: unknown knob; did you mean mic.reconcile?',
      'test.yaml:10:20 world.parameters["mic.reconcile"]: needs a unit, such as 3s or 3 s',
    ]);
  });
});
