/** Values to push a knob to: the ends of its stress range. */
import { formatKnobValue, formatStress } from '../../../src/model/calibration/index.ts';
import type { Knob, KnobName } from '../../../src/model/calibration/index.ts';
import { scaled } from '../../../src/model/calibration/distribution.ts';

/** Other values of the knobs that are texts: a text has no range. */
const OTHER_TEXTS: Partial<Record<KnobName, string>> = {
  'mic.assignedIdentity.namespace': 'kube-system',
  'mic.immutableIds': '00000000-0000-4000-8000-00000000000a',
  'mic.lease.instance': 'one-name-for-all',
  'mic.lease.lockObject': 'kube-system/other-lock',
  'mic.typeUpgrade.configMap': 'other-config',
  'mic.typeUpgrade.key': 'other-key',
  'mic.updateMsi.retriableErrors': 'LinkedAuthorizationFailed',
  'nmi.listenAddress': 'HOST_IP:2579',
  'nmi.micNamespace': 'kube-system',
};

/**
 * Documented limits that a whole subscription, tenant, vault, API server or principal shares. The figure is certain; what others, who are
 * not in the world, leave of it may be anything.
 */
const SHARED = [
  /^api\.inflight\.(read|mutating)$/u,
  /^arm\.(bucket|legacy)\.(reads|writes|deletes)$/u,
  /^cosmos\.rbac\.limits\./u,
  /^crp\..*\.perSub$/u,
  /^kv\.rate\./u,
  /^mi\.(assign|create)\.limit\./u,
  /^mi\.rest\..*\.tenant$/u,
  /^rbac\.assignments\.max/u,
];

/**
 * Texts within the stress range: its ends; all choices; where the source gives one figure and no range, so that the range is one point,
 * half and double of it (documented figures are what-ifs as well); and of a shared limit, that others leave one.
 */
export function stressPushes(knob: Knob): readonly string[] {
  if (knob.kind === 'choice') return knob.choices.filter((choice) => choice !== knob.default);
  if (knob.kind === 'text') return [OTHER_TEXTS[knob.name as KnobName] ?? []].flat();
  const { low, high } = formatStress(knob);
  const own = formatKnobValue(knob, knob.default);
  const ends = [high, low].filter((text) => text !== own);
  if (ends.length > 0) return ends;
  const isShared = SHARED.some((pattern) => pattern.test(knob.name));
  return [...(isShared ? leastOf(knob) : []), ...stretched(knob, [0.5, 2])];
}

/** One call, and next to nothing after it. */
function leastOf(knob: Knob): readonly string[] {
  if (knob.kind !== 'bucket') return ['1'];
  const { refill, perSeconds } = knob.default;
  return [formatKnobValue(knob, { capacity: 1, refill: refill / 1e4, perSeconds })];
}

function stretched(knob: Knob, factors: readonly number[]): readonly string[] {
  switch (knob.kind) {
    case 'duration':
    case 'number':
      return factors.map((factor) => sampled(knob, factor));
    case 'probability':
      return ['1', '0.5', '0'];
    case 'durations':
      return factors.map((factor) =>
        formatKnobValue(
          knob,
          knob.default.map((wait) => wait * factor),
        ),
      );
    case 'bucket': {
      const { capacity, refill, perSeconds } = knob.default;
      const bucket = (factor: number): string =>
        formatKnobValue(knob, { capacity: Math.max(1, Math.round(capacity * factor)), refill: refill * factor, perSeconds });
      return factors.map(bucket);
    }
    case 'boolean':
    case 'choice':
    case 'text':
      return [];
  }
}

function sampled(knob: Extract<Knob, { readonly kind: 'duration' | 'number' }>, factor: number): string {
  const isNothing = knob.default.kind === 'constant' && knob.default.value === 0;
  const moved = isNothing ? { kind: 'constant' as const, value: factor } : scaled(knob.default, factor);
  if (knob.kind === 'duration' || moved.kind !== 'constant') return formatKnobValue(knob, moved);
  const value = Math.min(knob.maximum, Math.max(knob.minimum, moved.value));
  return formatKnobValue(knob, { kind: 'constant', value: knob.whole ? Math.round(value) : value });
}
