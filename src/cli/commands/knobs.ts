/** `idflow knobs`: the numbers of the world, each with default, source and confidence. */
import { describeKnob, findKnobs, isKnobName, knobNames } from '../../model/calibration/index.ts';
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
  const rows = found.map((knob) => [knob.name, cut(knob.default, LONGEST_DEFAULT), knob.confidence, knob.source]);
  const [head = '', ...lines] = columns([['knob', 'default', '', 'source'], ...rows], ['left', 'left', 'left', 'left']).map((line) =>
    cut(line, host.columns),
  );
  const foot = `${String(found.length)} knobs. idflow knobs NAME tells one in full; --set NAME=VALUE changes it for a run.`;
  return [style.strong(head), ...lines, '', foot, ''].join('\n');
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
    ['confidence', knob.confidence],
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
