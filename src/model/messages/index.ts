/** All that is said in the world: the closed union of messages, timers included. */
import type { ArmMessage } from './arm.ts';
import type { KubernetesMessage } from './kubernetes.ts';
import type { MicMessage } from './mic.ts';
import type { AutoscalerMessage, OperatorMessage } from './operator.ts';
import type { TokenMessage } from './token.ts';

/** Every message. */
export type Message = ArmMessage | AutoscalerMessage | KubernetesMessage | MicMessage | OperatorMessage | TokenMessage;

/** Names of messages. */
export type MessageType = Message['type'];

/** A message by its name. */
export type MessageOf<T extends MessageType> = Extract<Message, { readonly type: T }>;
