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
    reason: 'a secret that somebody else has got: who would use it, and for what, is in no world here',
    knobs: names(`
      secret.leak.interarrival
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
