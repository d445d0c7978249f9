/**
 * The stepper without its terminal: a command in, text out. Keys and piped lines both end up here.
 *
 * It walks a `History` (snapshots and replay), so going back is exact, however far.
 */
import { History } from '../../kernel/history.ts';
import type { Step } from '../../kernel/history.ts';
import { after, formatMoment, ORIGIN, parseDuration } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { SimulationError } from '../../kernel/world.ts';
import { TABLES } from '../../model/tables.ts';
import type { TableName } from '../../model/tables.ts';
import type { Identity } from '../../model/vocabulary.ts';
import type { World } from '../../scenarios/assemble/index.ts';
import { folded } from '../folded.ts';
import type { Style } from '../style.ts';
import { causeLines } from './causes.ts';
import { EventLog } from './log.ts';
import { differenceText, treeDiff } from './tree-diff.ts';
import { inlineText, treeLines } from './tree-text.ts';

/** What a command came to. */
export interface Reply {
  readonly lines: readonly string[];
  readonly isOver: boolean;
}

/** Names that are listed before a list is cut off. */
const LONGEST_LIST = 40;

/** Lines that are shown of what changed. */
const LONGEST_CHANGE = 60;

/** Commands in full, by their letters. */
const WORDS: Readonly<Record<string, string>> = {
  next: 'n',
  back: 'b',
  go: 'g',
  find: 'f',
  what: 'w',
  why: 'y',
  actor: 'a',
  table: 't',
  status: 's',
  help: 'h',
  '?': 'h',
  quit: 'q',
  exit: 'q',
};

/** What the stepper understands, a line each. */
const STEP_HELP: readonly string[] = [
  'n [COUNT]    next event, or that many on',
  'b [COUNT]    back, or that many back',
  'g WHERE      go to a time (90s, 1m30s), an event (#120), start or end',
  'f TEXT       find the next event whose actor, message or fact contains the text;',
  '             f alone goes on',
  'w            what changed: state of the actor, rows of tables, facts',
  'y [#EVENT]   why: the chain of causes back to the start',
  'a [ACTOR]    state of an actor (part of its name will do); a alone lists them',
  't [TABLE [KEY]]',
  '             rows of a table, or one row; t alone lists the tables',
  's            where we are, with the fingerprint of everything up to here',
  'h            this help',
  'q            quit',
  'Whole words do as well: next, back, go, find, what, why, actor, table, quit.',
];

/** A walk through one run. The world must be in recorded mode and at its start. */
export class StepSession {
  readonly #world: World;
  readonly #history: History<Identity>;
  readonly #log = new EventLog();
  readonly #style: Style;
  readonly #width: number;
  #wanted = '';

  constructor(world: World, look: { readonly style: Style; readonly width: number }) {
    this.#world = world;
    world.observe(this.#log.observer);
    this.#history = new History(world);
    this.#style = look.style;
    this.#width = look.width;
  }

  /** Carries out one command line. */
  execute(line: string): Reply {
    const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/su.exec(line) ?? [];
    const verb = Object.hasOwn(WORDS, word.toLowerCase()) ? (WORDS[word.toLowerCase()] ?? word) : word;
    if (verb === 'q') return { lines: [], isOver: true };
    try {
      return { lines: this.#answer(verb, rest).flatMap((text) => folded(text, this.#width)), isOver: false };
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      // Going back restores a snapshot, so the walk can go on before the place of the mistake.
      return { lines: [`the simulator fails at event #${String(error.event)}: ${error.message}`], isOver: false };
    }
  }

  #answer(verb: string, rest: string): readonly string[] {
    switch (verb) {
      case '':
      case 'n':
        return this.#move(1, rest);
      case 'b':
        return this.#move(-1, rest);
      case 'g':
        return this.#go(rest);
      case 'f':
        return this.#find(rest);
      case 'w':
        return this.#whatChanged();
      case 'y':
        return this.#why(rest);
      case 'a':
        return this.#actor(rest);
      case 't':
        return this.#table(rest);
      case 's':
        return this.#status();
      case 'h':
        return STEP_HELP;
      default:
        return [`no command "${verb}"; h lists them`];
    }
  }

  #move(direction: 1 | -1, rest: string): readonly string[] {
    const count = rest === '' ? 1 : Number(rest);
    if (!Number.isInteger(count) || count < 1) return [`a count is a whole number from 1, not "${rest}"`];
    const from = this.#history.position;
    this.#goTo(Math.max(0, from + direction * count));
    if (direction === 1 && this.#history.position === from) return ['nothing more happens before the end'];
    return this.#here();
  }

  /** Goes to the state after that many events such that the last of them is at hand with all it did. */
  #goTo(position: number): void {
    if (position === this.#history.position && this.#history.last !== undefined) return;
    if (position === 0) this.#history.goTo(0);
    else {
      this.#history.goTo(position - 1);
      if (this.#history.position === position - 1) this.#history.next();
    }
  }

  #go(where: string): readonly string[] {
    if (where === 'start') this.#goTo(0);
    else if (where === 'end') this.#goTo(Number.MAX_SAFE_INTEGER);
    else if (/^#\d+$/u.test(where)) this.#goTo(Number(where.slice(1)) + 1);
    else {
      const time = momentOf(where);
      if (time === undefined) return [`go where? a time such as 90s or 1m30s, an event such as #120, start or end; not "${where}"`];
      this.#history.goToTime(time);
    }
    return this.#here();
  }

  #find(text: string): readonly string[] {
    if (text !== '') this.#wanted = text.toLowerCase();
    if (this.#wanted === '') return ['find what? f TEXT'];
    const from = this.#history.position;
    const wanted = this.#wanted;
    const found = this.#history.find((step) => textOf(step).includes(wanted));
    if (found !== undefined) return this.#here();
    this.#goTo(from);
    return [`no event from here to the end contains "${wanted}"`];
  }

  #here(): readonly string[] {
    const step = this.#history.last;
    if (step === undefined) return ['at the start: nothing has happened yet'];
    const { event, at, actor, from, message } = step.delivery;
    const who = from === '' || from === actor ? actor : `${from} → ${actor}`;
    const head = `${this.#style.name(`#${String(event)}`)} ${formatMoment(at)}  ${who}  ${this.#style.strong(message.type)}`;
    const room = this.#width - 6;
    const body = inlineText(message, room);
    return [
      head,
      ...(body === '' ? [] : [`      ${this.#style.faint(body)}`]),
      ...step.facts.map(({ fact }) => `      ${this.#style.good('fact')} ${fact.type} ${inlineText(fact, room - fact.type.length - 6)}`),
      ...step.writes.map((write) => `      ${this.#style.doubtful('row')}  ${verbOf(write)} ${write.table} ${write.key}`),
    ];
  }

  #whatChanged(): readonly string[] {
    const step = this.#history.last;
    if (step === undefined) return ['at the start: nothing has changed yet'];
    const state = treeDiff(step.delivery.before, step.delivery.after).map((difference) => `  ${differenceText(difference)}`);
    const rows = step.writes.flatMap((write) => [
      `${this.#style.strong('row')} ${write.table} ${write.key} ${verbOf(write)}`,
      ...treeDiff(write.before, write.after).map((difference) => `  ${differenceText(difference)}`),
    ]);
    const facts = step.facts.flatMap(({ fact }) => [`${this.#style.strong('fact')} ${fact.type}`, ...treeLines(fact, '  ').slice(1)]);
    const lines = [
      ...(state.length === 0 ? [] : [`${this.#style.strong('state')} of ${step.delivery.actor}`, ...state]),
      ...rows,
      ...facts,
    ];
    if (lines.length === 0) return ['nothing changed: it only sent messages or set timers, or ignored what it got'];
    const more = lines.length - LONGEST_CHANGE;
    return more > 0 ? [...lines.slice(0, LONGEST_CHANGE), `… and ${String(more)} more lines; a ACTOR and t TABLE KEY show it all`] : lines;
  }

  #why(rest: string): readonly string[] {
    const event = rest === '' ? this.#history.position - 1 : Number(rest.replace('#', ''));
    if (!Number.isInteger(event) || event < 0 || event >= this.#history.position) {
      return [rest === '' ? 'at the start: there is no event to explain' : `there is no event "${rest}" so far`];
    }
    return causeLines(event, { trace: this.#world.trace, log: this.#log, style: this.#style });
  }

  #actor(wanted: string): readonly string[] {
    const all = this.#history.actors;
    const found = all.includes(wanted) ? [wanted] : all.filter((id) => id.toLowerCase().includes(wanted.toLowerCase()));
    const [only] = found;
    if (only === undefined) return [`no living actor's name contains "${wanted}"`];
    if (found.length > 1) return listed(found);
    return [this.#style.strong(only), ...treeLines(this.#history.stateOf(only), '  ')];
  }

  #table(rest: string): readonly string[] {
    const [name = '', ...key] = rest.split(/\s+/u);
    const names = Object.keys(TABLES).sort();
    if (!isTable(name)) return name === '' ? names.map((one) => this.#sized(one)) : [`no table "${name}"; t alone lists them`];
    const table = this.#world.table(name);
    const keys = [...table.keys()].sort();
    const wanted = key.join(' ');
    if (wanted === '') return keys.length === 0 ? [`${name} is empty`] : listed(keys);
    const row = table.get(wanted);
    return row === undefined ? [`no row ${wanted} in ${name}`] : treeLines(row, '  ');
  }

  #sized(name: string): string {
    return isTable(name) ? `${name} (${String(this.#world.table(name).size)})` : name;
  }

  #status(): readonly string[] {
    const { position, now } = this.#history;
    return [`after ${String(position)} events, at ${formatMoment(now)}, fingerprint ${this.#world.fingerprint}`];
  }
}

/** A time as people write it: a duration since the start, or a clock reading (`00:01:30`, `00:01:30.250`). */
function momentOf(text: string): Moment | undefined {
  const duration = parseDuration(text);
  if (duration !== undefined) return after(ORIGIN, duration);
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d(?:\.\d{1,6})?)$/u.exec(text) ?? [];
  const clock = parseDuration(`${hours ?? ''}h${minutes ?? ''}m${seconds ?? ''}s`);
  return clock === undefined ? undefined : after(ORIGIN, clock);
}

function textOf({ delivery, facts }: Step<Identity>): string {
  return `${delivery.actor} ${delivery.from} ${JSON.stringify(delivery.message)} ${facts.map(({ fact }) => JSON.stringify(fact)).join(' ')}`.toLowerCase();
}

function verbOf(write: Step<Identity>['writes'][number]): string {
  if (write.before === undefined) return 'added';
  return write.after === undefined ? 'deleted' : 'changed';
}

function listed(names: readonly string[]): readonly string[] {
  const more = names.length - LONGEST_LIST;
  return more > 0 ? [...names.slice(0, LONGEST_LIST), `… and ${String(more)} more`] : names;
}

function isTable(name: string): name is TableName {
  return Object.hasOwn(TABLES, name);
}
