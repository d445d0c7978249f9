/** A comparison of architectures as text: what holds first, then one table, its legend, and how to see it again. */
import type { ArchitectureColumn, FaultCell } from '../experiments/compare/index.ts';
import { COMPARED_FAULTS } from '../experiments/compare/faults.ts';
import { humanDuration } from '../report/duration-text.ts';
import { counted } from '../report/value-text.ts';
import { ARCHITECTURES } from '../scenarios/architecture/names.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { columns, wrapped } from './text-layout.ts';

/** What the text says beside the columns. */
export interface ComparisonLook {
  readonly scenario: string;
  readonly seed: string;
  /** When faults begin [µs]. */
  readonly faultAtUs: number;
  readonly host: Pick<Host, 'columns' | 'color'>;
  /** Command that makes the table again; command that runs one architecture alone. */
  readonly command: string;
  readonly alone: string;
}

const ROWS: readonly (readonly [name: string, cell: (column: ArchitectureColumn) => string])[] = [
  ['first token p50', ({ first }) => wait(first?.p50Us)],
  ['first token p95', ({ first }) => wait(first?.p95Us)],
  ['first token p99', ({ first }) => wait(first?.p99Us)],
  ['later token p50', ({ later }) => wait(later?.p50Us)],
  ['later token p95', ({ later }) => wait(later?.p95Us)],
  ['later token p99', ({ later }) => wait(later?.p99Us)],
  ['failed askings', ({ failed }) => String(failed)],
  ['denied accesses', ({ denied }) => String(denied)],
  ['pods without token', ({ unserved }) => String(unserved)],
  ['ARM calls/h', ({ perHour }) => rate(perHour.arm)],
  ['Entra calls/h', ({ perHour }) => rate(perHour.aad)],
  ['IMDS calls/h', ({ perHour }) => rate(perHour.imds)],
  ['API calls/h', ({ perHour }) => rate(perHour.api)],
  ['  MIC lock calls/h', ({ perHour }) => rate(perHour.lock)],
  ['exposed pod-seconds', ({ exposedPodSeconds }) => String(Math.round(exposedPodSeconds))],
];

const FAULT_NAMES: Readonly<Record<string, string>> = {
  aadOutage: 'Entra out 30 min',
  armStorm: 'ARM 429 30 min',
  nmiRollout: 'NMI rolling update',
  identityDeleted: 'identity deleted',
  credentialExpired: 'credential expired',
  scaleOut: 'scale-out ×3',
  watchStall: 'watches stall 30 min',
};

/** The comparison as text. */
export function comparisonText(made: readonly ArchitectureColumn[], look: ComparisonLook): string {
  const style = styleFor(look.host);
  const names = made.map(({ architecture }) => (architecture === 'workload-identity' ? 'workload-id' : architecture));
  const measures = ROWS.map(([name, cell]) => [name, ...made.map(cell)]);
  const faults = COMPARED_FAULTS.flatMap(({ name }) => faultRows(name, made));
  const [head = '', ...lines] = columns([['', ...names], ...measures, ...faults], ['left', ...names.map(() => 'right' as const)]);
  const foot = [
    `first token: from the start of the container; later token: from the asking. Percentiles by nearest rank.`,
    `Faults begin at ${humanDuration(look.faultAtUs)}, each in a run of its own. held: not more failures than undisturbed, and nobody more without a token at the end; held?: likewise, but the fault was still in force at the end and pods still used tokens of before it: a longer horizon may break it. n×: n more failed askings and denials. n pods: so many more have no token at the end, not started or never served. from: time from the fault to the first failure. until: to when all pods are served again; ∞: some pod was not until the end. open: so long, summed over pods, a pod that is safe undisturbed could have had another's token. –: nothing there for it to strike.`,
    `exposed pod-seconds: time in which a pod could have had a token that is not its own, summed over pods. pods without token: at the end, not started or never served. API calls/h: of the kube-apiserver, without watches. MIC lock calls/h: what the copies of MIC ask besides to keep their lock or to look at it, reckoned from how long each led or stood by. All of it is one seed: small differences are chance, so try others with --seed.`,
    ...COMPARED_FAULTS.map(({ name, title }) => `${FAULT_NAMES[name] ?? name}: ${title}.`),
    ...made.flatMap(({ architecture, notes }) => [`${architecture}: ${ARCHITECTURES[architecture]}. Set up here: ${notes.join('; ')}.`]),
  ].flatMap((line) => wrapped(line, look.host.columns));
  return [
    ...wrapped(verdict(made, look.scenario), look.host.columns).map((line) => style.strong(line)),
    '',
    style.strong(head),
    ...lines.slice(0, ROWS.length),
    '',
    ...lines.slice(ROWS.length),
    '',
    ...foot.map((line) => style.faint(line)),
    '',
    style.faint(`seed ${look.seed} in every run; again: ${look.command}`),
    style.faint(`one of them alone: ${look.alone}`),
    '',
  ].join('\n');
}

function verdict(made: readonly ArchitectureColumn[], scenario: string): string {
  const served = made.filter(({ first }) => first !== null);
  const fastest = served.toSorted((a, b) => (a.first?.p99Us ?? 0) - (b.first?.p99Us ?? 0))[0];
  const safe = made.filter(({ exposedPodSeconds }) => exposedPodSeconds === 0).map(({ architecture }) => architecture);
  if (fastest === undefined) return `${scenario}: no pod asked for a token under any architecture`;
  return [
    `${scenario}: the first token comes fastest with ${fastest.architecture} (p99 ${wait(fastest.first?.p99Us)})`,
    toughest(made),
    `undisturbed, no pod could take another's token under ${safe.length === 0 ? 'none' : safe.join(', ')}`,
  ].join('; ');
}

/** Which architectures the smallest part of the faults breaks, of those that strike them. */
function toughest(made: readonly ArchitectureColumn[]): string {
  const counts = made.map(({ architecture, faults }) => {
    const struck = faults.filter(({ outcome }) => outcome !== 'absent');
    const broken = struck.filter(({ outcome }) => outcome === 'broke').length;
    return { architecture, broken, struck: struck.length, undecided: struck.filter(isUndecided).length };
  });
  const partOf = ({ broken, struck }: { readonly broken: number; readonly struck: number }): number => (struck === 0 ? 0 : broken / struck);
  const fewest = Math.min(...counts.map(partOf));
  const best = counts.filter((one) => partOf(one) === fewest);
  const named = best.map(({ architecture, broken, struck }) => `${architecture} (${String(broken)} of ${String(struck)})`).join(', ');
  const open = counts.reduce((sum, { undecided }) => sum + undecided, 0);
  const doubt = open === 0 ? '' : `, though ${counted(open, 'cell')} of the table say held?: the run is too short for them`;
  return `the smallest part of the faults that strike it breaks ${named}${doubt}`;
}

/** A line for what came of a fault, and more below it for when and for what lay open, where any architecture has something to say. */
function faultRows(name: string, made: readonly ArchitectureColumn[]): readonly (readonly string[])[] {
  const cells = made.map(({ faults }) => faults.find(({ fault }) => fault === name));
  const rows: readonly (readonly [string, (cell: FaultCell) => string])[] = [
    ['  from', ({ firstAfterUs }) => (firstAfterUs === null ? '' : short(firstAfterUs))],
    ['  until', ({ failures, recoveredAfterUs }) => (failures === 0 ? '' : recoveredAfterUs === null ? '∞' : short(recoveredAfterUs))],
    ['  open', (cell) => (isOpen(cell, made) ? short(cell.exposedPodSeconds * 1_000_000) : '')],
  ];
  const more = rows
    .map(([title, text]) => [title, ...cells.map((cell) => (cell === undefined ? '' : text(cell)))])
    .filter(([, ...texts]) => texts.some((text) => text !== ''));
  return [[FAULT_NAMES[name] ?? name, ...cells.map(faultText)], ...more];
}

/** Whether it held only because the run ended while pods used tokens of before the fault. */
function isUndecided({ outcome, untested }: FaultCell): boolean {
  return (outcome === 'held' || outcome === 'opened') && untested > 0;
}

/** Where pods are exposed anyway, more pods only make more of it. */
function isOpen(cell: FaultCell, made: readonly ArchitectureColumn[]): boolean {
  const column = made.find(({ faults }) => faults.includes(cell));
  return column?.exposedPodSeconds === 0 && cell.exposedPodSeconds > 0;
}

function faultText(cell: FaultCell | undefined): string {
  if (cell === undefined || cell.outcome === 'absent') return '–';
  if (cell.outcome !== 'broke') return isUndecided(cell) ? 'held?' : 'held';
  return cell.failures === 0 ? `${tally(cell.unserved)} pods` : `${tally(cell.failures)}×`;
}

/** `45s`, `12m`, `3h`: narrow enough for a cell. */
function short(us: number): string {
  const seconds = us / 1_000_000;
  if (seconds < 99.5) return `${String(Math.round(seconds))}s`;
  return seconds < 5970 ? `${String(Math.round(seconds / 60))}m` : `${String(Math.round(seconds / 3600))}h`;
}

/** `611`, `4.9k`. */
function tally(count: number): string {
  return count < 1000 ? String(count) : `${(count / 1000).toFixed(1)}k`;
}

function wait(us: number | undefined): string {
  return us === undefined ? '–' : humanDuration(us);
}

function rate(perHour: number): string {
  return perHour < 100 ? perHour.toFixed(1) : String(Math.round(perHour));
}
