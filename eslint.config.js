/**
 * Lint rules: typescript-eslint strict and type-aware, plus the bans that keep each room of src/ what it promises to be.
 *
 * Rooms are bound in three rings: `deterministic` (same result on every engine), `browserSafe` (no host), `outsideCli` (no process,
 * no console, no files). Import direction between rooms is dependency-cruiser's work, see .dependency-cruiser.cjs.
 */
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const deterministic = ['src/kernel/**/*.ts', 'src/model/**/*.ts', 'src/actors/**/*.ts'];
const browserSafe = [...deterministic, 'src/scenarios/**/*.ts', 'src/report/**/*.ts', 'src/index.ts'];

/** Globals of the host; only src/cli may touch them. */
const hostGlobals = ['process', 'console', 'Buffer', 'require', 'module', '__dirname', '__filename', 'global', 'globalThis', 'window'].map(
  (name) => ({ name, message: 'Only src/cli touches the host; hand the value over as an argument.' }),
);

/** Globals whose answer depends on the clock, the locale, the scheduler or chance. */
const unrepeatableGlobals = [
  ['Date', 'Time is simulated: use turn.now, or integer microseconds.'],
  ['performance', 'Time is simulated: use turn.now.'],
  ['crypto', 'Randomness comes from named streams: use turn.draw.'],
  ['Intl', 'Locale changes results: format by hand.'],
  ['Promise', 'Actors never wait: record a timer or a message.'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask', 'requestAnimationFrame'].map(
    (name) => [name, 'Timers are simulated: use turn.setTimer.'],
  ),
  ['fetch', 'Messages travel over simulated links: use turn.send.'],
  ['WeakRef', 'Garbage collection is not repeatable.'],
  ['FinalizationRegistry', 'Garbage collection is not repeatable.'],
  ['eval', 'Code is not data here.'],
].map(([name, message]) => ({ name, message }));

/** Math functions the language specifies to the last bit, and the constants (upper case). Everything else may differ between engines. */
const exactMath = '/^([A-Z][A-Z0-9_]*|floor|ceil|round|min|max|abs|imul|sqrt|trunc|sign|fround|clz32)$/';
const inexactMath = 'Not bit-identical on every engine: use src/kernel/numeric.ts, or turn.draw for randomness.';
const localeSensitive = 'Locale changes results: compare by code unit, format by hand.';
const neverWaits = 'Actors never wait: record a timer or a message.';

const unrepeatableSyntax = [
  { selector: `MemberExpression[object.name="Math"][computed=false]:not([property.name=${exactMath}])`, message: inexactMath },
  { selector: 'MemberExpression[object.name="Math"][computed=true]', message: inexactMath },
  { selector: ':not(MemberExpression) > Identifier[name="Math"]', message: inexactMath },
  { selector: 'BinaryExpression[operator="**"]', message: `The power operator is Math.pow. ${inexactMath}` },
  { selector: 'AssignmentExpression[operator="**="]', message: `The power operator is Math.pow. ${inexactMath}` },
  { selector: 'MemberExpression[property.name=/^toLocale/]', message: localeSensitive },
  { selector: 'MemberExpression[property.name="localeCompare"]', message: localeSensitive },
  { selector: ':function[async=true]', message: neverWaits },
  { selector: 'AwaitExpression', message: neverWaits },
  { selector: 'ForOfStatement[await=true]', message: neverWaits },
  { selector: 'ImportExpression', message: neverWaits },
  { selector: 'ForInStatement', message: 'for-in also walks inherited keys: take Object.keys and sort where order matters.' },
];

const houseSyntax = [
  {
    selector: ':function > Identifier.params > TSTypeAnnotation > TSBooleanKeyword',
    message: 'No boolean parameters: a reader of the call cannot tell what true means. Use a named option or two functions.',
  },
  { selector: 'ExportAllDeclaration[exported=null]', message: 'Name what is exported.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one thing, one name.' },
];

const nodeModules = {
  regex: `^(node:.*|${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`,
  message: 'Only src/cli imports Node modules; hand over text or a function.',
};
const terminalPackages = {
  group: ['chalk', 'cli-table3', 'yargs', 'yargs/*'],
  message: 'Needs a terminal or Node: this room runs in a browser.',
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'schema/', 'node_modules/', '.tmp/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'no-param-reassign': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports', fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { requireDefaultForNonUnion: true, considerDefaultExhaustiveForUnions: false, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      // Slices are plain records by id; a draft loses an entry by `delete`.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // A type alias says "a closed union or a record of data", an interface "a contract": both have their place.
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: false, skipComments: false }],
      'no-restricted-syntax': ['error', ...houseSyntax],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [nodeModules] }] },
  },
  {
    // The page (src/player) has a host of its own: the browser's.
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/player/**'],
    rules: { 'no-restricted-globals': ['error', ...hostGlobals] },
  },
  {
    files: browserSafe,
    ignores: ['src/report/terminal/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [nodeModules, terminalPackages] }] },
  },
  {
    files: deterministic,
    rules: {
      'no-restricted-globals': ['error', ...hostGlobals, ...unrepeatableGlobals],
      'no-restricted-syntax': ['error', ...houseSyntax, ...unrepeatableSyntax],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes from named streams: use turn.draw.' },
        { object: 'Object', property: 'groupBy', message: 'Not in Node 20.' },
        { object: 'Map', property: 'groupBy', message: 'Not in Node 20.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', '*.config.ts'],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['**/*.js', '**/*.cjs'], rules: { eqeqeq: 'error', 'prefer-const': 'error', 'no-unused-vars': 'error' } },
);
