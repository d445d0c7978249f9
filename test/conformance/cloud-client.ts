/** MIC's cloud layer by itself: an actor that runs one update of a VM or scale set after the other, without a controller around it. */
import { onTokenAnswer, onTokenDue } from '../../src/actors/mic/arm-token.ts';
import type { TokenOutcome } from '../../src/actors/mic/arm-token.ts';
import { beginTask, onArmAnswer, onTaskDue, onTokenForTask } from '../../src/actors/mic/cloud.ts';
import type { CloudOrder, CloudOutcome } from '../../src/actors/mic/cloud.ts';
import { readCloudConfig } from '../../src/actors/mic/cloud-clients.ts';
import { newMic } from '../../src/actors/mic/state.ts';
import type { MicInbox, MicState } from '../../src/actors/mic/state.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { IdentityActor, Turn } from '../../src/model/vocabulary.ts';
import { NODE } from './stage/control-plane.ts';
import type { ControlPlane } from './stage/control-plane.ts';

const ID = 'mic-cloud/client';
const KIND = 'mic-cloud';

type ClientInbox = Extract<MicInbox, MessageOf<'WorkerDue' | 'ArmResponse' | 'ArmStepDue' | 'MetadataResponse' | 'MicTokenDue'>>;

/** The client and the outcomes of its orders. */
export class CloudClient {
  readonly #orders = new Map<string, CloudOrder>();
  readonly #outcomes = new Map<string, CloudOutcome>();

  /** The actor to put into the world. */
  readonly actor: IdentityActor<MicState, ClientInbox> = defineActor<MicState, ClientInbox>({
    kind: KIND,
    initial: () => ({ ...newMic(), node: NODE, boot: 0 }),
    handlers: {
      WorkerDue: (state, { resource }, turn) => this.#begin(state, resource, turn),
      ArmResponse: (state, message, turn) => {
        const key = message.request.split('~')[2] ?? '';
        this.#note(key, onArmAnswer(state, key, message, turn));
      },
      ArmStepDue: (state, { task }, turn) => this.#note(task, onTaskDue(state, task, turn)),
      MetadataResponse: (state, message, turn) => this.#afterToken(state, onTokenAnswer(state, message, turn), turn),
      MicTokenDue: (state, { client }, turn) => this.#afterToken(state, onTokenDue(state, client, turn), turn),
    },
  });

  /** Carries out one order to its end; undefined where it has none within that time [s]. */
  order(order: CloudOrder, plane: ControlPlane, within: number): CloudOutcome | undefined {
    const key = `order-${String(this.#orders.size)}`;
    this.#orders.set(key, order);
    plane.act((turn) => {
      if (!turn.isAlive(ID)) turn.spawn({ id: ID, kind: KIND });
      turn.send(ID, { type: 'WorkerDue', resource: key, step: 'start' });
    });
    const end = plane.now + within;
    while (!this.#outcomes.has(key) && plane.now < end) plane.passToNext(end - plane.now);
    return this.#outcomes.get(key);
  }

  #begin(state: MicState, key: string, turn: Turn): void {
    if (state.client === 0) readCloudConfig(state, turn);
    const order = this.#orders.get(key);
    if (order !== undefined) this.#note(key, beginTask(state, key, order, turn));
  }

  #note(key: string, outcome: CloudOutcome | undefined): void {
    if (outcome !== undefined) this.#outcomes.set(key, outcome);
  }

  #afterToken(state: MicState, outcome: TokenOutcome | undefined, turn: Turn): void {
    for (const key of outcome?.waiters ?? []) this.#note(key, onTokenForTask(state, key, outcome?.error ?? '', turn));
  }
}
