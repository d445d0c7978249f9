/**
 * Which room of src/ may import which: cli, player → experiments → testing → report → scenarios → actors → model → kernel.
 * Left may import right, never the other way, and no module may import itself by a detour.
 * Types count as imports. Each rule's comment says what to do instead.
 */

/** Rooms from left to right. A room may import itself and every room after it. */
const rooms = ['cli', 'player', 'experiments', 'testing', 'report', 'scenarios', 'actors', 'model', 'kernel'];

/** One rule for each edge that would point back to the left: `kernel-not-to-actors` and so on. */
const backwards = rooms.flatMap((room, index) =>
  rooms.slice(0, index).map((forbidden) => ({
    name: `${room}-not-to-${forbidden}`,
    comment: `${room} lies below ${forbidden}: move the shared part down, or hand it over as an argument.`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: `^src/${forbidden}/` },
  })),
);

const entries = '^src/(index|testing/index|cli/main)[.]ts$';

module.exports = {
  forbidden: [
    ...backwards,
    {
      name: 'cli-not-to-player',
      comment: 'The page is built ahead and read as a file.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/player/' },
    },
    {
      name: 'kernel-packages',
      comment: 'The kernel stands on immer and seedrandom alone.',
      severity: 'error',
      from: { path: '^src/kernel/' },
      to: { couldNotResolve: false, pathNot: ['^src/', '(^|/)node_modules/(@types/)?(immer|seedrandom)/'] },
    },
    {
      name: 'actors-not-to-actors',
      comment: 'Actors know one another by messages only: what two of them share belongs in src/model.',
      severity: 'error',
      from: { path: '^src/actors/([^/.]+)' },
      to: { path: '^src/actors/', pathNot: '^src/actors/$1(/|[.]ts$)' },
    },
    {
      name: 'report-not-to-actors',
      comment: 'Reports read facts and the trace, never actor state.',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: '^src/actors/' },
    },
    {
      name: 'report-not-to-assembly',
      comment: 'Of scenarios, reports know only what describes one (src/scenarios/schema, src/scenarios/description).',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: '^src/scenarios/', pathNot: '^src/scenarios/(schema|description)([/.-]|$)' },
    },
    {
      name: 'terminal-only-for-cli',
      comment: 'src/report/terminal needs Node; the rest of the report runs in a browser.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|report/terminal)/' },
      to: { path: '^src/report/terminal/' },
    },
    {
      name: 'core-entry',
      comment: 'The core entry runs in a browser: it offers neither the command line, the terminal, the page nor the testing kit.',
      severity: 'error',
      from: { path: '^src/index[.]ts$' },
      to: { path: '^src/(cli|player|testing|report/terminal)/' },
    },
    {
      name: 'entries-are-not-imported',
      comment: 'An entry is for users of the package; inside, import the module itself.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: entries },
    },
    {
      name: 'node-only-in-cli',
      comment: 'src/cli is the only room with files, processes and sockets: hand over text or a function.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-tests-in-src',
      comment: 'src imports nothing from outside src but packages.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|dist)/' },
    },
    {
      name: 'no-development-packages',
      comment: 'What src imports at run time must be a dependency, not a development dependency.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '/node_modules/@types/',
      },
    },
    { name: 'no-unresolvable', comment: 'The import leads nowhere.', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-cycles',
      comment: 'Cut the cycle: move what both need to a third module.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports it and it imports nothing: use it or delete it.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: entries },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
