/** All that is stated: the closed union of facts. Past events, as the actor that lived them knows them. */
import type { AssignmentFact } from './assignment.ts';
import type { PlatformFact } from './platform.ts';
import type { TokenFact } from './token.ts';

/** Every fact. */
export type Fact = AssignmentFact | PlatformFact | TokenFact;

/** Names of facts. */
export type FactType = Fact['type'];

/** A fact by its name. */
export type FactOf<T extends FactType> = Extract<Fact, { readonly type: T }>;
