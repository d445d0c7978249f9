/** Binds the kernel's types to the words of this domain. Actors import their kernel types from here. */
import type { ActorDefinition, Turn as KernelTurn } from '../kernel/actor.ts';
import { defineActor as define } from '../kernel/actor.ts';
import type { KnobName, KnobValue } from './calibration/index.ts';
import type { Fact } from './facts/index.ts';
import type { Message } from './messages/index.ts';
import type { Tables } from './tables.ts';

/** Value type of every knob. */
type Knobs = { readonly [N in KnobName]: KnobValue<N> };

/** The vocabulary of the identity flow. */
export interface Identity {
  readonly message: Message;
  readonly fact: Fact;
  readonly tables: Tables;
  readonly knobs: Knobs;
}

/** A turn in this vocabulary. */
export type Turn = KernelTurn<Identity>;

/** An actor in this vocabulary. */
export type IdentityActor<S extends object, In extends Message = Message> = ActorDefinition<Identity, S, In>;

/** Writes an actor of this vocabulary. */
export function defineActor<S extends object, In extends Message>(definition: IdentityActor<S, In>): IdentityActor<S, In> {
  return define<Identity, S, In>(definition);
}
