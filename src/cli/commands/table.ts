/** `idflow table`: tables that come out of many small runs. One so far: when token clients give up. */
import { giveUpTable } from '../../experiments/give-up/table.ts';
import type { GiveUpCell, GiveUpTable } from '../../experiments/give-up/table.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { styleFor } from '../style.ts';
import { columns, wrapped } from '../text-layout.ts';

/** Prints the table that is asked for. The argument reader lets no other name through. */
export function table(invocation: Invocation, host: Host): ExitCode {
  const made = giveUpTable();
  if (invocation.output === 'json') host.out(`${JSON.stringify(made, null, 2)}\n`);
  else host.out(giveUpText(made, host));
  return EXIT.holds;
}

/** The table as text. */
export function giveUpText(made: GiveUpTable, host: Pick<Host, 'columns' | 'color'>): string {
  const style = styleFor(host);
  const names = made.clients.map(({ name }) => name);
  const rows = made.rows.map(({ name, cells }) => [name, ...cells.map(cellText)]);
  const [head = '', ...lines] = columns([['seconds', ...names], ...rows], ['left', ...names.map(() => 'right' as const)]);
  const legend = [
    ...made.rows.map(({ name, meets }) => [name, meets] as const),
    ...made.clients.map(({ name, title }) => [name, title] as const),
  ].flatMap(([name, text]) =>
    wrapped(text, host.columns - 18).map((line, index) => `  ${index === 0 ? style.name(name.padEnd(14)) : ' '.repeat(14)}  ${line}`),
  );
  const foot = wrapped(
    `When one asking for a token ends, in a world in which nothing else takes time. "ok": with a token; all others give up. a–b: the band over ${String(made.seeds)} seeds, where the client's waits are jittered.`,
    host.columns,
  );
  return [style.strong(head), ...lines, '', ...legend, '', ...foot, ''].join('\n');
}

function cellText({ outcome, lowS, highS }: GiveUpCell): string {
  if (outcome === 'neverEnds') return 'never';
  const band = lowS === highS ? seconds(lowS) : `${seconds(lowS)}–${seconds(highS)}`;
  return outcome === 'token' ? `ok ${band}` : band;
}

/** To a tenth of a second, without a tenth that is none. */
function seconds(value: number): string {
  return value.toFixed(1).replace(/\.0$/u, '');
}
