/**
 * Parked timers: periodic work that costs nothing while it has nothing to do.
 *
 * A parked timer keeps its phase. When a declared input changes it is armed for its next phase point, and goes on until a phase point
 * lies beyond the longest time by which the change may still be under way to its owner. The naive version (`parking: 'off'`) fires
 * every period; a property test holds both to the same facts.
 */
import type { ParkInput } from './actor.ts';
import type { ActorId, Vocabulary } from './vocabulary.ts';
import type { Instance, Parked } from './instance.ts';
import type { Partition } from './revision.ts';
import type { Duration, Moment } from './time.ts';

/** A parked timer with its owner. */
export interface Sleeper<V extends Vocabulary> {
  readonly owner: Instance<V>;
  readonly parked: Parked<V>;
}

/** Which sleepers listen to which input. */
export class Parking<V extends Vocabulary> {
  #listeners = new Map<string, Map<string, Sleeper<V>>>();
  /** Number of listeners by table, so that a write nobody listens to costs one look. */
  #tables = new Map<string, number>();

  /** Lets a timer listen to its inputs. */
  enlist(sleeper: Sleeper<V>): void {
    for (const input of sleeper.parked.inputs) {
      if ('table' in input) this.#tables.set(input.table, (this.#tables.get(input.table) ?? 0) + 1);
      const key = keyOf(input);
      let listeners = this.#listeners.get(key);
      if (listeners === undefined) this.#listeners.set(key, (listeners = new Map<string, Sleeper<V>>()));
      listeners.set(sleeperId(sleeper), sleeper);
    }
  }

  /** Ends listening. */
  dismiss(sleeper: Sleeper<V>): void {
    for (const input of sleeper.parked.inputs) {
      if ('table' in input) this.#discount(input.table);
      const key = keyOf(input);
      const listeners = this.#listeners.get(key);
      listeners?.delete(sleeperId(sleeper));
      if (listeners?.size === 0) this.#listeners.delete(key);
    }
  }

  /** Whether anyone listens to a table or a part of it. */
  listensTo(table: string): boolean {
    return this.#tables.has(table);
  }

  /** Sleepers that listen to the whole table or to one of these partitions. */
  ofWrite(table: string, partitions: readonly Partition[]): readonly Sleeper<V>[] {
    const found = [...(this.#listeners.get(`table ${table}`)?.values() ?? [])];
    for (const { index, value } of partitions) found.push(...(this.#listeners.get(`part ${table} ${index} ${value}`)?.values() ?? []));
    return found;
  }

  /** Sleepers that listen to the life of an actor. */
  ofActor(actor: ActorId): readonly Sleeper<V>[] {
    return [...(this.#listeners.get(`actor ${actor}`)?.values() ?? [])];
  }

  /** Sleepers that listen to faults on links, with the actor whose links they mean. */
  ofLinks(): readonly { readonly sleeper: Sleeper<V>; readonly actor: ActorId }[] {
    const found: { sleeper: Sleeper<V>; actor: ActorId }[] = [];
    for (const [key, listeners] of this.#listeners) {
      if (!key.startsWith('links ')) continue;
      for (const sleeper of listeners.values()) found.push({ sleeper, actor: key.slice('links '.length) });
    }
    return found;
  }

  #discount(table: string): void {
    const left = (this.#tables.get(table) ?? 0) - 1;
    if (left > 0) this.#tables.set(table, left);
    else this.#tables.delete(table);
  }

  /** Starts anew from the living timers (after a restore). */
  rebuild(sleepers: Iterable<Sleeper<V>>): void {
    this.#listeners = new Map();
    this.#tables = new Map();
    for (const sleeper of sleepers) this.enlist(sleeper);
  }
}

function sleeperId<V extends Vocabulary>(sleeper: Sleeper<V>): string {
  return `${sleeper.owner.id} ${sleeper.parked.id}`;
}

function keyOf<V extends Vocabulary>(input: ParkInput<V>): string {
  if ('actor' in input) return `actor ${input.actor}`;
  if ('links' in input) return `links ${input.links}`;
  if (input.partition === undefined) return `table ${input.table}`;
  return `part ${input.table} ${input.partition.index} ${input.partition.value}`;
}

/** The first phase point after a moment. */
export function nextPhase(timer: { readonly origin: Moment; readonly period: Duration }, moment: Moment): Moment {
  if (moment < timer.origin) return timer.origin;
  const periods = Math.floor((moment - timer.origin) / timer.period) + 1;
  return (timer.origin + periods * timer.period) as Moment;
}

/** The last phase point at or before a moment; undefined before the first. */
export function lastPhase(timer: { readonly origin: Moment; readonly period: Duration }, moment: Moment): Moment | undefined {
  if (moment < timer.origin) return undefined;
  return (timer.origin + Math.floor((moment - timer.origin) / timer.period) * timer.period) as Moment;
}

/** How a sleeper must go on after a phase point. */
export function mustStayAwake(state: {
  readonly phase: Moment;
  readonly dueUntil: Moment;
  readonly didWork: boolean;
  readonly isTouched: boolean;
}): boolean {
  return state.didWork || state.isTouched || state.phase <= state.dueUntil;
}
