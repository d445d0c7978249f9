/** `idflow list`, `validate`, `knobs`, `completion` and `sweep` as processes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { knobNames } from '../../src/model/calibration/index.ts';
import { incidentFiles, packagedNames, scenariosFolder } from '../../src/cli/package-folder.ts';
import { GROUPS } from '../../src/scenarios/schema/groups.ts';
import { repositoryRoot } from '../support/repository.ts';
import { commandLine, folderWith, smallScenario } from '../support/command-line.ts';

const idflow = commandLine();

test('list names every packaged scenario with its question', async () => {
  const listed = JSON.parse((await idflow(['list', '--json'])).stdout) as readonly {
    readonly name: string;
    readonly question: string;
    readonly incident: string | null;
  }[];
  expect(listed.filter(({ incident }) => incident === null).map(({ name }) => name)).toEqual(packagedNames());
  expect(listed.filter(({ incident }) => incident !== null)).toHaveLength(incidentFiles().length);
  for (const { name, question, incident } of listed) {
    const file = path.join(scenariosFolder, incident === null ? '' : 'incidents', `${name}.yaml`);
    const written = parse(readFileSync(file, 'utf8')) as { readonly question: string; readonly group?: string };
    expect(question).toBe(written.question.trim());
    // The schema asks for no group, for the sake of people's own files; what is packaged has one.
    expect({ file, group: written.group }).toEqual({ file, group: expect.toBeOneOf([...GROUPS]) as string });
  }
  const { stdout, code } = await idflow(['list']);
  expect(code).toBe(0);
  for (const { name } of listed) expect(stdout).toContain(`  ${name} `);
});

test('validate accepts the packaged scenarios by name and says nothing on stderr but warnings', async () => {
  const ended = await idflow(['validate', ...packagedNames()]);
  expect(ended.code).toBe(0);
  expect(ended.stdout.trim().split('\n')).toHaveLength(packagedNames().length);
});

test('validate tells the problems of all files, and is silent on stdout if there is one', async () => {
  const good = smallScenario('sometimes: tokenAnswered');
  const cwd = folderWith({ 'good.yaml': good, 'a.yaml': good.replace('10m', '-10m'), 'b.yaml': good.replace('group:', 'grup:') });
  const ended = await idflow(['validate', 'good.yaml', 'a.yaml', 'b.yaml', 'missing.yaml'], { cwd });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  for (const file of ['a.yaml:3:', 'b.yaml:2:', 'missing.yaml:1:1 no such file']) expect(ended.stderr).toContain(file);
  expect(ended.stderr).not.toContain('good.yaml');
});

test('an incident runs by its name and by its id', async () => {
  const byId = await idflow(['run', 'INC-35']);
  const byName = await idflow(['run', 'INC-35-host-network']);
  expect(byId.code).toBe(0);
  expect(byId.stdout.split('\n').slice(0, 20)).toEqual(byName.stdout.split('\n').slice(0, 20));
});

test('knobs lists all, finds by pattern, tells one in full, and knows when there is none', async () => {
  const all = JSON.parse((await idflow(['knobs', '--json'])).stdout) as readonly { readonly name: string }[];
  expect(all.map(({ name }) => name)).toEqual(knobNames);
  expect((await idflow(['knobs', 'nmi.lookup.interval'])).stdout).toMatch(
    /^nmi[.]lookup[.]interval\n[\s\S]* default +5 s\n[\s\S]* confidence +H [(]documented or read in code[)]\n/,
  );
  expect((await idflow(['knobs', 'mic.*'])).stdout).not.toContain('nmi.');
  expect(await idflow(['knobs', 'nmi.lookup.intervall'])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('did you mean nmi.lookup.interval') as string,
  });
});

test('incidents lists and re-enacts those that are asked for, and says which ids there are not', async () => {
  const listed = JSON.parse((await idflow(['incidents', 'INC-35', '--json'])).stdout) as {
    readonly incidents: readonly { readonly id: string }[];
  };
  expect(listed.incidents.map(({ id }) => id)).toEqual(['INC-35']);
  const ended = await idflow(['incidents', 'inc-37', 'INC-35', '--run', '--json']);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const { incidents } = JSON.parse(ended.stdout) as { readonly incidents: readonly { readonly figures: readonly object[] }[] };
  expect(incidents).toEqual(
    ['INC-35', 'INC-37'].map((id) => ({
      id,
      title: expect.any(String) as string,
      reproduced: true,
      cured: id === 'INC-35' ? null : true,
      absent: true,
      figures: expect.any(Array) as object[],
    })),
  );
  for (const figure of incidents.flatMap(({ figures }) => figures)) {
    expect(figure).toEqual({
      name: expect.any(String) as string,
      reported: expect.any(String) as string,
      kind: expect.stringMatching(/^(derived|observed|implied)$/u) as string,
      simulated: expect.any(Number) as number,
      unit: expect.stringMatching(/^(s|%|1)$/u) as string,
      within: true,
    });
  }
  expect(incidents.every(({ figures }) => figures.length > 0)).toBe(true);
  expect(await idflow(['incidents', 'INC-35', 'INC-998', 'INC-999', '--run'])).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/INC-998.*\n.*INC-999/) as string,
  });
});

test('an incident of one’s own is re-enacted by its path, with paths of fields as problems spell them; what is none is refused', async () => {
  const own = readFileSync(incidentFiles().find((file) => file.includes('INC-17')) ?? '', 'utf8')
    .replace(/^group:.*\n/mu, '')
    .replace("- 'count(namespaces[metadata.name=shop]) == 1'", "- { measure: 'count(namespaces[metadata.name=shop]) == 1' }")
    .replace('cure: { version:', 'cure: { field: world.cluster.podIdentity.version, value:')
    .replace('{ step: uninstall }', "{ field: 'story[1]' }");
  const manifest = readFileSync(path.join(scenariosFolder, 'incidents/manifests/app-1-in-namespace.yaml'), 'utf8');
  const files = { 'own.yaml': own, 'manifests/app-1-in-namespace.yaml': manifest, 'small.yaml': smallScenario('sometimes: tokenAnswered') };
  const cwd = folderWith(files);
  const ended = await idflow(['incidents', 'own.yaml', '--run'], { cwd });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('✓ reproduced · ✓ cured by world.cluster.podIdentity.version: 1.5.5');
  expect(ended.stdout).toMatch(/✓\s+absent with its cause removed/u);
  expect(ended.stdout).toMatch(/reported 1h[.][.], simulated 1[.]\d+h\n/u);
  const run = await idflow(['run', 'own.yaml'], { cwd });
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining('idflow incidents own.yaml --run') as string });
  expect(await idflow(['incidents', 'small.yaml', 'none.yaml'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^small[.]yaml:1:1 incident: is missing.*\nnone[.]yaml:1:1 no such file\n$/u) as string,
  });
});

test('the bash script is one that bash accepts', async () => {
  const { stdout } = await idflow(['completion', 'bash']);
  const { status, stdout: registered } = spawnSync('bash', ['-c', `${stdout}\ncomplete -p idflow`], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(registered).toContain('-F _idflow idflow');
  expect((await idflow(['__complete', 'knob'])).stdout).toBe('knobs\n');
});

test('a sweep of three seeds gives three verdicts, intervals of the mean, and a token where an expectation fell', async () => {
  const cwd = folderWith({ 'small.yaml': smallScenario('sometimes: tokenAnswered', 'measure: tokens.first.max < 1us') });
  const ended = await idflow(['sweep', 'small.yaml', '-n', '3', '--json'], { cwd });
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  const swept = JSON.parse(ended.stdout) as {
    readonly shards: number;
    readonly verdicts: unknown;
    readonly endStates: unknown;
    readonly falls: readonly { readonly text: string; readonly replay: string }[];
    readonly metrics: readonly { readonly metric: string; readonly interval: { readonly count: number; readonly halfWidth: number } }[];
  };
  expect(swept).toMatchObject({ shards: 3, verdicts: { holds: 0, fell: 3, inconclusive: 0 } });
  expect(swept.metrics.find(({ metric }) => metric === 'tokens.first.p50')?.interval).toMatchObject({ count: 3 });
  expect(swept.endStates).toMatchObject([{ text: expect.any(String) as string, seeds: 3, first: 0, parts: null }]);
  const [fall] = swept.falls;
  expect(fall?.text).toContain('tokens.first.max');
  const replayed = await idflow(fall?.replay.split(' ').slice(2) ?? [], { cwd });
  expect(replayed.code).toBe(1);
  expect(replayed.stdout).toContain('seed idflow/0');
});

test('the text of a sweep shows each measure that moved, and the command of the first fall', async () => {
  const cwd = folderWith({ 'small.yaml': smallScenario('measure: tokens.first.max < 1us') });
  const { stdout } = await idflow(['sweep', 'small.yaml', '-n', '2', '--seed', 'root'], { cwd });
  expect(stdout).toContain('✗ small: 2 seeds, root/0 to root/1: 0 hold, 2 fell, 0 undecided');
  expect(stdout).toMatch(/first fall: npx idflow replay idf1[.]/);
  expect(stdout).toMatch(/^ {2}tokens[.]first[.]p50 +\S+ \S+ +± /m);
});

test('Ctrl-C ends a sweep with 130, says how far it came, and leaves stdout empty', async () => {
  let ended = await interrupted(1_000);
  // Pressed before the program listens, it ends the process by itself (no code): press later.
  for (let waitMs = 2_000; ended.code === null && waitMs <= 32_000; waitMs *= 2) ended = await interrupted(waitMs);
  expect(ended.code).toBe(130);
  expect(ended.stdout).toBe('');
  expect(ended.stderr).toMatch(/^interrupted after \d+ of 1000000 seeds\n$/);
});

/** A sweep without end, interrupted after a while. */
async function interrupted(waitMs: number): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'sweep', 'vm-system-assigned', '-n', '1000000'];
  const child = spawn(process.execPath, args, { cwd: repositoryRoot });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const press = setTimeout(() => child.kill('SIGINT'), waitMs);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(press);
  return { code, stdout, stderr };
}
