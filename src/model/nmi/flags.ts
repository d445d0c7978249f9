/**
 * NMI's command line. The row `settings` says how pod identity was installed, the calibration what a what-if changes; for a flag that
 * both know, the one that departs from upstream's default (`cmd/nmi/main.go`, v1.8.17) wins.
 */
import { behaves } from '../pod-identity-release/behaves.ts';
import type { PodIdentitySettings } from '../settings.ts';
import { isKubenet, kubeletFileOf } from './kubenet-guard.ts';
import { SETTINGS_KEY } from '../settings.ts';
import type { Turn } from '../vocabulary.ts';
import type { OwnNmi } from '../pod-identity-release/own-nmi.ts';

/** Flags that decide what NMI does. */
export interface NmiFlags {
  readonly mode: 'standard' | 'managed';
  readonly lookup: 'aai' | 'mic';
  readonly isNamespaced: boolean;
  readonly micNamespace: string;
  readonly isHeaderRequired: boolean;
  readonly setsRetryAfter: boolean;
  readonly isInstanceBlocked: boolean;
  /** Whether it watches only what is labelled with its node. */
  readonly watchesOwnNode: boolean;
  /** Whether the first word of a path is compared without regard to case, as IMDS does. */
  readonly ignoresCaseOfPath: boolean;
  /** Whether a path that only looks like one of a token request is refused. */
  readonly refusesOddTokenPaths: boolean;
  /** Whether the guard against kubenet stops it. */
  readonly isRefusedByGuard: boolean;
}

/** Reads the flags of an NMI. `own` is what its own container says; nothing of it: it runs as NMI was installed. */
export function nmiFlags(turn: Turn, own: OwnNmi): NmiFlags {
  const settings: PodIdentitySettings | undefined = turn.table('settings').get(SETTINGS_KEY);
  const installed = turn.knob('nmi.operationMode') === 'managed' || settings?.mode === 'managed' ? 'managed' : 'standard';
  const isManaged = (own.mode ?? installed) === 'managed';
  const micNamespace = settings?.micNamespace ?? '';
  return {
    mode: isManaged ? 'managed' : 'standard',
    lookup: settings?.lookup === 'mic' || turn.knob('nmi.lookup') === 'mic' ? 'mic' : 'aai',
    // Managed mode does not start without it.
    isNamespaced: isManaged || settings?.forceNamespaced === 'yes' || turn.knob('nmi.namespaced'),
    micNamespace: micNamespace === '' ? turn.knob('nmi.micNamespace') : micNamespace,
    isHeaderRequired:
      own.header === undefined ? settings?.metadataHeaderRequired !== 'no' && turn.knob('nmi.headerRequired') : own.header === 'required',
    setsRetryAfter: settings?.retryAfterHeader === 'yes' || turn.knob('nmi.retryAfter.enabled'),
    isInstanceBlocked: settings?.blockInstanceMetadata === 'yes' || turn.knob('nmi.blockInstanceMetadata'),
    watchesOwnNode: settings?.scaleFeatures !== 'no' && turn.knob('nmi.scaleFeatures'),
    ignoresCaseOfPath: behaves(turn, 'nmiIgnoresCaseOfPath', own.release),
    refusesOddTokenPaths: behaves(turn, 'nmiRefusesOddTokenPaths', own.release),
    isRefusedByGuard:
      isKubenet(kubeletFileOf(settings ?? { network: 'azure' })) &&
      !turn.knob('nmi.kubenet.allowed') &&
      behaves(turn, 'nmiRefusesKubenet', own.release),
  };
}
