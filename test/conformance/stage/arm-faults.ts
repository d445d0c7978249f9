/** The ARM of the simulator with failures of PATCHes of MIC that a case asks for: such a PATCH arrives, fails, and changes nothing. */
import { arm } from '../../../src/actors/arm/index.ts';

/** A failure of PATCHes. */
export interface ArmFault {
  readonly id: string;
  readonly message: string;
  readonly status: number;
  /** How many more it takes -- changes. */
  left: number;
}

/** The failures in force. */
export class ArmFaults {
  readonly #faults = new Map<string, ArmFault>();

  /** To put into the world in the place of ARM. */
  readonly actor: typeof arm = {
    ...arm,
    handlers: {
      ...arm.handlers,
      ArmRequest: (state, message, turn) => {
        const fault = turn.from.startsWith('mic/') && message.call.op === 'patchIdentity' ? this.#take() : undefined;
        if (fault === undefined) {
          arm.handlers.ArmRequest(state, message, turn);
          return;
        }
        const { status, message: text } = fault;
        turn.reply({ type: 'ArmResponse', request: message.request, status, error: { code: 'Injected', message: text } });
      },
    },
  };

  /** Begins a failure; one of the same id is replaced. */
  add(fault: ArmFault): void {
    this.#faults.set(fault.id, { ...fault });
  }

  /** Ends a failure. */
  clear(id: string): void {
    this.#faults.delete(id);
  }

  #take(): ArmFault | undefined {
    for (const fault of this.#faults.values()) {
      if (fault.left <= 0) continue;
      fault.left -= 1;
      return fault;
    }
    return undefined;
  }
}
