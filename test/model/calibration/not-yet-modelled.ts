/**
 * Knobs whose stress range alters nothing that happens in any packaged scenario or probe. A test holds each list exact: a knob that comes
 * alive leaves it, and one that dies must be put on it.
 */

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
    reason: 'workload identity, the successor, in more detail than here',
    knobs: names(`
      wi.fic.concurrentWrite wi.fic.max wi.fic.propagation wi.oidc.entraJwksCache wi.oidc.keyOverlap wi.webhook.failurePolicy
      wi.webhook.latency wi.webhook.replicas wi.webhook.unavailableProb
    `),
  },
  {
    reason: 'client secrets, their rotation and their ways into pods, in more detail than here',
    knobs: names(`
      secret.alertLead secret.csi.pollInterval secret.env.needsRestart secret.expired.podFailsAfter secret.k8sVolume.delay
      secret.leak.interarrival secret.outage.detect secret.rollout.duration secret.rotation.duration secret.rotation.errorProb
      secret.rotation.lead secret.rotation.missedProb
    `),
  },
  {
    reason: 'logs and directories beside the flow, and features of Entra that no token here meets',
    knobs: names(`
      activityLog.delay.legacy cae.event.delay cae.managedIdentity.supported entra.jwks.refreshByServices entra.signInLog.cachedTokenLogged entra.signInLog.retention
      entra.signInLog.retention.free logAnalytics.firstSetup
    `),
  },
  {
    reason: 'applications, clients and services in more detail than here',
    knobs: names(`
      app.cachesToken app.noCache.requestRate client.imds.guidance.delays
    `),
  },
  {
    reason: 'ARM, its resource providers and managed identities: not modelled to that depth',
    knobs: names(`
      aksAddon.podIdentities.max arm.apiVersion.mic crp.vmss.highCostGet.perResource crp.vmss.highCostGet.perSub
      mi.groupOrAppRole.effectDelay mi.rest.get.limit.identity mi.rest.get.limit.subscription mi.rest.get.limit.tenant
      mi.revokeTokens.effectDelay mi.revokeTokens.enabled mi.softDelete.retention mi.token.lifetime.legacy vmss.overprovision
      vmss.upgradePolicy
    `),
  },
  {
    reason: 'the cluster: nodes, network, limits, API server',
    knobs: names(`
      api.churnLimit ca.decision.large.scanWait ca.decision.small.scanWait cni.podSubnet.batch cni.podSubnet.refillBelow
      informer.resync.mic.podsAndNodes informer.resync.nmi link.cluster link.operator node.autoRepair.detect
      node.autoRepair.maximum node.failure.interarrival node.reboot.duration
    `),
  },
];

/** Read by an actor, in a corner that no scenario here reaches or where nothing that is stated depends on them. */
export const WITHOUT_A_SCENARIO: readonly Listed[] = [
  {
    reason: 'an outage of Entra comes once in two years, and no scenario is so long',
    knobs: names(`entra.outage.duration entra.outage.interarrival entra.outage.severity`),
  },
  {
    reason: 'limits and throttles that these small worlds do not meet',
    knobs: names(`
      api.inflight.retryAfter arm.bucket.globalFactor arm.legacy.deletes arm.legacy.instances arm.legacy.reads arm.legacy.writes
      ca.maxEmptyBulkDelete ca.maxGracefulTermination cosmos.rbac.limits.assignments cosmos.rbac.limits.roleDefinitions
      crp.legacy.retryAfter crp.legacy.vmssGet.per30Min crp.legacy.vmssGet.per3Min crp.legacy.vmssUpdate.per30Min
      crp.legacy.vmssUpdate.per3Min crp.vm.update.perSub crp.vmss.delete.perResource crp.vmss.delete.perSub
      crp.vmssVm.update.perResource crp.vmssVm.update.perSub entra.throttle.bucket entra.throttle.retryAfter
      imds.concurrency.identity imds.rate.general kv.rate.subscriptionFactor limits.nodesPerCluster.kubenet
      mi.assign.limit.subRegion mi.assign.limit.tenantRegion mi.assign.maxIdentitiesPerRequest mi.create.limit.subRegion
      mi.create.limit.tenantRegion mi.resource.throttle mi.resource.throttle.retryAfter mi.rest.createUpdate.limit.identity
      mi.rest.createUpdate.limit.subscription mi.rest.createUpdate.limit.tenant mi.rest.delete.limit.identity
      mi.rest.delete.limit.subscription mi.rest.delete.limit.tenant mic.throttle.scope mic.updateMsi.maxRetry
      nmi.rollout.maxUnavailable rbac.assignments.max rbac.assignments.max.before2022 vmss.maxInstances
      wi.saToken.refreshAt.maximumAge
    `),
  },
  {
    reason: 'repeats, back-offs and refusals that nothing provokes here',
    knobs: names(`
      api.retryOnRetryAfter arm.429.retryAfter.minimum arm.linkedAuthorization.names ca.poolBackoff
      client.azidentityJs.retries.cap client.azidentityJs.retries.count client.azidentityJs.retries.factor
      client.azidentityJs.retries.first client.azidentityJs.retries.firstOn410 client.azidentityJs.retries.jitter
      client.msalGo.retries.gap client.msalGo.retries.tries imds.staleIdentityBug.prob imds.update410.duration
      imds.update410.interarrival kv.backoff.client mi.cert.rollFailureProb mi.failedOperation.names
      mi.sp.missProbDuringReplication mic.lease.exitOnLoss mic.lease.renewDeadline mic.updateMsi.retryInterval net.connectTimeout
      nmi.lookup.assignedAttempts nmi.micNamespace nmi.namespaced nmi.retryAfter.enabled nmi.retryAfter.value
      nmi.status.healthCheckError nmi.status.noAssignedId.withRetryAfter pod.crashBackoff.cap pod.liveness.timeout
      variantS.rpcRetries vmss.conflict.retryAfter watch.backoff.cap watch.backoff.factor watch.backoff.first watch.backoff.jitter
      watch.backoff.resetAfter watch.timeout
    `),
  },
  {
    reason: 'variants and flags of which these scenarios show no consequence',
    knobs: names(`
      activityLog.delay aks.rp.putAgentPool arm.get.pathological.duration arm.identity.readOnlyFields arm.throttling.era
      ca.decision.large.cap ca.decision.large.think ca.scaleDown.delayAfterFailure ca.scaleDown.unreadyTime
      client.token.refreshAtHalf client.token.refreshAtHalf.minimumLife cosmos.rbac.delay etcd.history imds.bypassCache.enabled
      imds.noClientId.manyUami imds.unassign.cachedTokenDropped imds.unassign.visibleDelay kubeEvents.burstPerObject
      kubeEvents.queue kubeEvents.refill kubeEvents.similarWithin mi.assign.checkedAt mi.assign.validation mi.cert.lifetime
      mi.token.nbfBackdate mic.memory.base mic.memory.leakPerCycle mic.memory.limit mic.replicas nmi.blockInstanceMetadata nmi.crash.interarrival nmi.headerRequired nmi.iptables.interval
      nmi.scaleFeatures nmi.secretClient.burst nmi.secretClient.qps
      nmi.startAfterReady.cached nmi.userAgent.mostCalls node.evictionRate node.evictionRate.largeOutage
      node.evictionRate.outageThreshold node.heartbeat node.provision.nap pod.initContainer.duration pod.liveness.initialDelay
      pod.liveness.period rbac.aksClusterIdentity.isSlow rbac.aksClusterIdentity.worst rbac.mgScope.dataActionDelay
      rbac.revoke.delay secret.lifetime secret.new.usableAfter sp.token.lifetime token.clockSkew variantS.leaderLookupTtl
      variantS.micConcurrency variantS.negativeCacheTtl variantS.rpcGap vmss.etag.enforced vmss.patch.duration
      wi.accessToken.lifetime wi.accessToken.lifetime.appRegistration wi.exchange.latency wi.fic.matching wi.fic.negativeCache
      wi.saToken.lifetime wi.saToken.refreshAt xtables.lock.period
    `),
  },
];

/** Read, and seen to matter when pushed beyond all reason; but their stress range bites in no scenario here. */
export const OUT_OF_REACH: readonly Listed[] = [
  {
    reason: 'chances that are rare within their range',
    knobs: names(`
      arm.error5xx.prob arm.get.pathological.prob imds.error5xx.prob imds.timeout.prob kv.error5xx.prob
      nmi.missingOnTaintedNode.prob watch.lostEvent.prob
    `),
  },
  {
    reason: 'limits, periods and sizes that these small worlds stay far below',
    knobs: names(`
      adal.http.dialTimeout adal.imds.maxAttempts api.eventTtl api.inflight.mutating api.inflight.read arm.bucket.deletes
      arm.bucket.reads arm.bucket.writes arm.get.staleFor arm.poll.errorRetries.mic arm.poll.maxDuration.mic arm.sdk.retries
      ca.decision.small.cap ca.maxNodeProvisionTime client.http.timeout client.imds.probeTimeout client.token.expiryBuffer
      cni.poolSize.kubenet crp.asyncGet.perResource crp.asyncGet.perSub crp.vm.get.perResource crp.vm.get.perSub
      crp.vm.update.perResource crp.vmss.get.perResource crp.vmss.get.perSub crp.vmss.update.perResource crp.vmss.update.perSub
      entra.token.errorProb imds.cache.proactiveRenewAfter imds.cache.serveUntil imds.rate.identity kubeEvents.similar
      kv.rate.perVault limits.nodesPerCluster limits.nodesPerCluster.perPool limits.podsPerNode.kubenet limits.podsPerNode.maximum
      mi.deleted.targetChecksDirectory mi.sp.replicationDelay mic.crash.interarrival mic.createDeleteBatch mic.eventChannel
      mic.lease.duration mic.lease.retryPeriod mic.sync.metricsEveryNthIdleCycle mic.sync.periodic nmi.lookup.createdAttempts
      node.drain.timeout node.evictionDelay node.provision.failProb variantS.rpcTimeout vmss.operation.failProb
      watch.halfOpenAfterIdle watch.idleDetect
    `),
  },
];
