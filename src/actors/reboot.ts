/**
 * A VM that goes down and comes up again: by hand, or because AKS repairs its node. One actor for each reboot under way.
 *
 *   RebootWanted ─► everything on it ends ─(node.reboot.duration)─► RebootOver ─► it boots as the same machine, with its disk
 *
 * IMDS is the host's and goes on, and so do the VM's identities. Simplified: nobody is told in advance, for AKS empties no node before a
 * reboot; the node is Ready again when the time is over.
 */
import { haltMachine, restartMachine } from '../model/machine.ts';
import type { MessageOf } from '../model/messages/index.ts';
import { defineActor } from '../model/vocabulary.ts';

/** Slice of a reboot. */
export interface RebootState {
  vm: string;
}

/** A reboot. */
export const reboot = defineActor<RebootState, MessageOf<'RebootWanted' | 'RebootOver'>>({
  kind: 'reboot',
  initial: () => ({ vm: '' }),
  handlers: {
    RebootWanted: (state, { vm }, turn) => {
      state.vm = vm;
      haltMachine(turn, vm);
      turn.setTimer('reboot', turn.draw('node.reboot.duration', vm), { type: 'RebootOver' }, { label: 'other' });
    },
    RebootOver: (state, _message, turn) => {
      restartMachine(turn, state.vm);
      turn.stop(turn.self);
    },
  },
});
