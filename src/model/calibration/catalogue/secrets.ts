/**
 * The world without managed identities: client secrets and their rotation (`secret.*`).
 */
import { choice, duration, flag, probability } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { constant, Exp, LN, mix, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of client secrets. One knob is two lines: name and default above, meaning below. */
export const secretKnobs = {
  'secret.lifetime': duration(mix([0.4, constant(180)], [0.4, constant(365)], [0.2, constant(730)]), 'd',
    M('max 730 E-SEC24, 1 y AKS-SP; weights [est]'),
    'Life for which a client secret is created.'),
  'secret.remaining': duration(180, 'd', L('[est]: half of a year, as AKS-SP gives it', span(0, 730)),
    'Life that is left at the start to the client secrets of the architecture `secret`.'),
  'secret.distribution': choice(['env', 'volume', 'csi'], M('K-SECR, AKS-CSI; which of them people use: [est]'),
    'How pods hold a client secret: in their environment (or image), mounted from a Kubernetes Secret, or mounted by the secrets-store driver.'),
  'secret.alertLead': duration(30, 'd', H('E-RENEW'),
    'Time before expiry at which Entra warns, where that is licensed.'),
  'secret.rotation.lead': duration(LN(14, 0.7), 'd', L('[est] range 1–45', span(1, 45)),
    'Time before expiry at which people rotate.'),
  'secret.rotation.missedProb': probability(0.05, L('[est] range 0.01–0.15; jenkins-infra#3026 missed one', span(0.01, 0.15)),
    'Chance that a rotation is forgotten.'),
  'secret.rotation.errorProb': probability(0.02, L('[est] range 0.005–0.05', span(0.005, 0.05)),
    'Chance that a rotation sets a wrong value or reaches only a part.'),
  'secret.rotation.duration': duration(LN(60, 0.84), 'min', M('jenkins-infra#3026: 57 min; spread [est]'),
    'Time of a rotation.'),
  'secret.outage.detect': duration(LN(20, 1.09), 'min', L('[est] range 5–240', span(5, 240)),
    'Time from the first failure to somebody who knows.'),
  'secret.new.usableAfter': duration(trunc(LN(8, 0.5), 2, 60), 's', M('msgraph-docs#17966: 4–18 s', span(4, 18)),
    'Time from a new secret to its first accepted use.'),
  'secret.expired.podFailsAfter': choice(['remainingTokenLife', 'atOnce'], M('[inf] E-AT'),
    'When a running pod feels an expired secret: when its token is used up, or at once; a new pod always at once.'),
  'secret.k8sVolume.delay': duration(U(0, 60), 's', M('K-SECR (sync period + watch); 60 s period [est]'),
    'Time until a mounted secret is new in the pod; watch.latency comes on top.'),
  'secret.env.needsRestart': flag('on', H('K-SECR'),
    'Whether a secret in an environment variable changes only with a new container.'),
  'secret.rollout.duration': duration(LN(120, 0.6), 's', L('[est]'),
    'Time of a rollout of one deployment.'),
  'secret.csi.pollInterval': duration(120, 's', H('AKS-CSI'),
    'Time between two polls of the secrets-store driver.'),
  'secret.leak.interarrival': duration(Exp(10), 'years', L('[est] range 3–50', span(3, 50)),
    'Time between leaks of a secret of one application.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
