/** When the kubelet asks a container whether it lives: the fields of a probe that make a difference here. */
import type { Duration } from '../kernel/time.ts';

/** Liveness probe of a container. */
export interface LivenessProbe {
  /** Time after the start of the container before which nothing is probed. */
  readonly initialDelay: Duration;
  readonly period: Duration;
  readonly timeout: Duration;
  /** Failures in a row after which the container is restarted. */
  readonly failureThreshold: number;
}
