/** Knobs that nothing reads, and why. Names stand one a line, in code-unit order, so that two people who change them seldom meet. */

/** Some knobs, and why. */
export interface Listed {
  readonly reason: string;
  readonly knobs: readonly string[];
}

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/u);
}

/** No source outside the catalogue names them: what they describe is not modelled. */
export const NOT_YET_MODELLED: readonly Listed[] = [
  {
    reason: 'client secrets, their rotation and their ways into pods, in more detail than here',
    knobs: names(`
      secret.alertLead
      secret.csi.pollInterval
      secret.env.needsRestart
      secret.expired.podFailsAfter
      secret.k8sVolume.delay
      secret.leak.interarrival
      secret.outage.detect
      secret.rollout.duration
      secret.rotation.duration
      secret.rotation.errorProb
      secret.rotation.lead
      secret.rotation.missedProb
    `),
  },
  {
    reason: 'signatures are always right here, so it does not matter how old the keys are by which a service checks them',
    knobs: names(`
      entra.jwks.refreshByServices
    `),
  },
  {
    reason: 'ARM, its resource providers and managed identities: not modelled to that depth',
    knobs: names(`
      aksAddon.podIdentities.max
      vmss.overprovision
      vmss.upgradePolicy
    `),
  },
  {
    reason: 'the cluster: nodes, network, limits, API server',
    knobs: names(`
      api.churnLimit
      ca.decision.large.scanWait
      ca.decision.small.scanWait
      cni.podSubnet.batch
      cni.podSubnet.refillBelow
      informer.resync.mic.podsAndNodes
      informer.resync.nmi
    `),
  },
  {
    reason: 'a repair of AKS is one reboot, and helps, so that its longest time never comes',
    knobs: names(`
      node.autoRepair.maximum
    `),
  },
];
