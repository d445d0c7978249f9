/** Liveness probes of containers, with the defaults of the API server. */
import { seconds } from '../../kernel/time.ts';
import type { LivenessProbe } from '../../model/liveness-probe.ts';
import type { Fields } from './fields.ts';

/** The liveness probe of a container, if it has one. What is asked, and how, makes no difference here. */
export function livenessProbeOf(container: Fields): LivenessProbe | undefined {
  if (!container.has('livenessProbe')) return undefined;
  const probe = container.map('livenessProbe');
  return {
    initialDelay: seconds(probe.integer('initialDelaySeconds', 0)),
    period: seconds(probe.integer('periodSeconds', 10, 1)),
    timeout: seconds(probe.integer('timeoutSeconds', 1, 1)),
    failureThreshold: probe.integer('failureThreshold', 3, 1),
  };
}
