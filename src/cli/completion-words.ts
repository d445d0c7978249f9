/** The words that may come next on a command line, for the completion scripts. */
import { knobNames } from '../model/calibration/index.ts';
import { ARCHITECTURE_NAMES } from '../scenarios/architecture/names.ts';
import { incidentFiles, incidentIdOf, packagedNames } from './package-folder.ts';
import { COMMANDS } from './usage-rule.ts';
import type { CommandName } from './usage-rule.ts';

const FLAGS_OF: Readonly<Record<CommandName, readonly string[]>> = {
  run: [
    '--architecture',
    '--seed',
    '--set',
    '--json',
    '--trace',
    '--out',
    '--fast',
    '--recorded',
    '--ties',
    '--verbose',
    '--no-color',
    '--help',
  ],
  list: ['--json', '--verbose', '--no-color', '--help'],
  validate: ['--verbose', '--no-color', '--help'],
  step: ['--seed', '--set', '--ties', '--verbose', '--no-color', '--help'],
  diagram: ['--from', '--to', '--actors', '--pod', '--seed', '--set', '--ties', '--verbose', '--no-color', '--help'],
  why: ['--json', '--seed', '--set', '--ties', '--verbose', '--no-color', '--help'],
  sweep: ['-n', '--seed', '--set', '--json', '--verbose', '--no-color', '--help'],
  compare: ['--architectures', '--seed', '--set', '--json', '--verbose', '--no-color', '--help'],
  audit: ['--seed', '--set', '--ties', '--json', '--verbose', '--no-color', '--help'],
  replay: ['--json', '--verbose', '--no-color', '--help'],
  knobs: ['--json', '--verbose', '--no-color', '--help'],
  table: ['--json', '--verbose', '--no-color', '--help'],
  incidents: ['--run', '--seed', '--set', '--json', '--no-color', '--help'],
  completion: ['--help'],
};

/** Options whose value nobody can guess. */
const WITH_FREE_VALUE: ReadonlySet<string> = new Set(['--seed', '-n', '--trace', '--out', '--from', '--to', '--actors', '--pod']);

/**
 * Words that continue the last of `words`, in code-unit order.
 *
 * @param words - what stands after `idflow` up to the cursor; the last one may be empty or half written
 */
export function completeWords(words: readonly string[]): readonly string[] {
  const begun = words.at(-1) ?? '';
  return candidates(words, begun)
    .filter((word) => word.startsWith(begun))
    .sort();
}

function candidates(words: readonly string[], begun: string): readonly string[] {
  const command = COMMANDS.find((name) => name === words[0]);
  if (words.length <= 1) return [...COMMANDS, '--help', '--version'];
  if (command === undefined) return [];
  const before = words.at(-2);
  if (before === '--set') return knobNames.map((name) => `${name}=`);
  if (before === '--architecture' || before === '--architectures') return ARCHITECTURE_NAMES;
  if (before === '--ties') return ['fixed', 'shuffled'];
  if (before !== undefined && WITH_FREE_VALUE.has(before)) return [];
  if (begun.startsWith('-')) return FLAGS_OF[command];
  switch (command) {
    case 'run':
    case 'step':
    case 'diagram':
    case 'why':
    case 'sweep':
    case 'compare':
    case 'audit':
    case 'validate':
      return packagedNames();
    case 'knobs':
      return knobNames;
    case 'table':
      return ['give-up'];
    case 'completion':
      return ['bash', 'zsh'];
    case 'incidents':
      return incidentFiles().map(incidentIdOf);
    case 'list':
    case 'replay':
      return [];
  }
}
