/** `idflow knobs`: the numbers of the world, each with default, source and confidence. */
import { describeKnob, findKnobs, isKnobName, knobNames, sourceKeys, sourceKeysIn } from '../../model/calibration/index.ts';
import type { KnobDescription } from '../../model/calibration/index.ts';
import { nearestNames } from '../../model/calibration/suggestion.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { styleFor } from '../style.ts';
import { columns, wrapped } from '../text-layout.ts';

/** Up to so many knobs are told in full. */
const IN_FULL = 3;
/** Characters of a default that the table shows. */
const LONGEST_DEFAULT = 44;
/** Columns that the sources get at least, where the page is narrow. */
const LEAST_SOURCE = 10;
const LEAST_DEFAULT = 12;
/** Blanks between the columns, and the letter of the confidence. */
const BETWEEN = 7;

/** The notation of values. */
const LEGEND: readonly string[] = [
  'Values: LN(median, sigma) log-normal, U(low, high) uniform, Exp(mean) exponential, Bern(p) yes with probability p, ' +
    'mix(0.97 A, 0.03 B) A in 97 of 100 draws, trunc(A, low, high) A within bounds, shift(A, by) A and that much more, ' +
    'TB(12, +4/min) a token bucket of 12 that gets 4 a minute.',
];

const CONFIDENCE: Readonly<Record<KnobDescription['confidence'], string>> = {
  H: 'documented or read in code',
  M: 'a documented bound or few observations',
  L: 'an estimate',
};

const SOURCES: readonly string[] = [
  'Sources: PI#n is issue n of Azure/aad-pod-identity, [est] an estimate, [inf] inferred from two sources; ' +
    'idflow knobs NAME spells the others out, docs/KNOBS.md lists them.',
];

/**
 * Lists knobs.
 *
 * @throws InputFailure if none has such a name
 */
export function knobs(invocation: Invocation, host: Host): ExitCode {
  const [pattern = ''] = invocation.targets;
  const found = (isKnobName(pattern) ? findKnobs(pattern).filter(({ name }) => name === pattern) : findKnobs(pattern)).map(describeKnob);
  if (found.length === 0) {
    const near = nearestNames(pattern, knobNames);
    throw new InputFailure([`no knob's name contains "${pattern}"${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`]);
  }
  if (invocation.output === 'json') host.out(`${JSON.stringify(found, null, 2)}\n`);
  else if (found.length <= IN_FULL || invocation.detail === 'verbose') host.out(found.map((knob) => inFull(knob, host)).join('\n'));
  else host.out(table(found, host));
  return EXIT.holds;
}

function table(found: readonly KnobDescription[], host: Host): string {
  const style = styleFor(host);
  const names = Math.max(...found.map(({ name }) => name.length));
  const room = Math.max(LEAST_DEFAULT, Math.min(LONGEST_DEFAULT, host.columns - names - LEAST_SOURCE - BETWEEN));
  const rows = found.map((knob) => [knob.name, knob.confidence, cut(knob.default, room), knob.source]);
  const [head = '', ...lines] = columns([['knob', '', 'default', 'source'], ...rows], ['left', 'left', 'left', 'left']).map((line) =>
    cut(line, host.columns),
  );
  const count = `${String(found.length)} knobs. idflow knobs NAME tells one in full; --set NAME=VALUE changes it for a run.`;
  const legend = [
    ...LEGEND,
    `Confidence: ${Object.entries(CONFIDENCE)
      .map(([letter, meaning]) => `${letter} ${meaning}`)
      .join(', ')}.`,
    ...SOURCES,
  ];
  const foot = [...wrapped(count, host.columns), ...legend.flatMap((line) => wrapped(line, host.columns).map((part) => style.faint(part)))];
  return [style.strong(head), ...lines, '', ...foot, ''].join('\n');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function inFull(knob: KnobDescription, host: Host): string {
  const style = styleFor(host);
  const entries: readonly (readonly [string, string])[] = [
    ['default', knob.default],
    ['unit', knob.unit],
    ['source', knob.source],
    ...sourceKeysIn(knob.source).map((key): readonly [string, string] => ['', `${key}: ${sourceKeys[key]}`]),
    ['confidence', `${knob.confidence} (${CONFIDENCE[knob.confidence]})`],
    ['stress', knob.stress],
    ['worth trying', knob.whatIf],
  ];
  const about = wrapped(knob.what, host.columns - 2).map((line) => `  ${line}`);
  const lines = entries
    .filter(([, value]) => value !== '')
    .flatMap(([name, value]) =>
      wrapped(value, host.columns - 16).map((line, index) => `  ${index === 0 ? style.faint(name.padEnd(12)) : ' '.repeat(12)}  ${line}`),
    );
  return `${style.name(knob.name)}\n${[...about, ...lines].join('\n')}\n`;
}
