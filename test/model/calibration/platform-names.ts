/**
 * The names of the published table of defaults, row by row, and the knobs that stand for the rows that hold several figures.
 */

/** Rows that are one knob of the same name. */
export const singleRows: readonly string[] = `
  mi.uami.createLatency mi.systemAssigned.enableExtra mi.sp.replicationDelay mi.sp.missProbDuringReplication mi.cert.lifetime
  mi.cert.rollAfter mi.cert.rollFailureProb mi.token.lifetime mi.token.lifetime.legacy mi.token.nbfBackdate mi.softDelete.retention
  mi.deleted.tokenAcceptedUntilExp mi.deleted.targetChecksDirectory mi.create.limit.tenantRegion mi.create.limit.subRegion
  mi.assign.limit.tenantRegion mi.assign.limit.subRegion mi.assign.maxIdentitiesPerRequest mi.resource.throttle
  mi.resource.throttle.retryAfter mi.groupOrAppRole.effectDelay aksAddon.podIdentities.max imds.rate.identity imds.concurrency.identity
  imds.rate.general imds.latency.cacheHit imds.latency.cacheMiss imds.latency.firstUse imds.latency.notFound imds.assign.visibleAt
  imds.unassign.visibleDelay imds.unassign.cachedTokenDropped imds.cache.proactiveRenewAfter imds.cache.serveUntil
  imds.bypassCache.enabled imds.update410.interarrival imds.update410.duration imds.error5xx.prob imds.timeout.prob
  imds.staleIdentityBug.prob imds.noClientId.manyUami adal.imds.maxAttempts adal.imds.delays client.imds.guidance.delays
  client.token.expiryBuffer client.http.timeout client.imds.probeTimeout app.cachesToken app.noCache.requestRate arm.bucket.reads
  arm.bucket.writes arm.bucket.deletes arm.bucket.globalFactor arm.legacy.reads arm.legacy.writes arm.legacy.deletes arm.legacy.instances
  arm.get.latency arm.write.acceptLatency arm.error5xx.prob crp.legacy.retryAfter crp.vmss.update.perResource crp.vmss.update.perSub
  crp.vmss.get.perResource crp.vmss.get.perSub vmss.patch.duration vmss.patch.duration.serverSide vmss.patch.perIdentityCost
  vm.patch.duration vmss.get.duringUpdating vmss.conflict.retryAfter vmss.concurrentWrite.outcome vmss.etag.enforced
  arm.poll.interval.mic arm.poll.maxDuration.mic vmss.maxInstances vmss.upgradePolicy vmss.overprovision aks.rp.putAgentPool
  ca.scanInterval ca.blockedWhileVmssUpdating ca.maxNodeProvisionTime ca.poolBackoff ca.scaleDown.unneeded ca.scaleDown.delayAfterAdd
  ca.scaleDown.delayAfterFailure ca.scaleDown.unreadyTime ca.scaleDown.utilThreshold ca.maxGracefulTermination ca.maxEmptyBulkDelete
  ca.vmssCacheTtl node.provision node.readyLag node.provision.failProb node.provision.nap node.delete.duration node.drain.timeout
  node.heartbeat node.monitorGrace node.evictionDelay node.failure.interarrival node.reboot.duration api.mutate.latency api.get.latency
  api.churnLimit watch.latency watch.timeout watch.lostEvent.prob etcd.history informer.resync.nmi scheduler.latency scheduler.throughput
  pod.start image.pull.cold image.pull.cached pod.ipVisibleLag pod.terminationGrace pod.terminationActual cni.azure.ipPick
  cni.kubenet.ipPick mic.replicas mic.sync.tail mic.sync.periodic mic.reconcile mic.eventChannel mic.createDeleteBatch mic.cyclesOverlap
  mic.restart.duration mic.crash.interarrival nmi.iptables.interval nmi.init nmi.startAfterReady.cold nmi.startAfterReady.cached
  nmi.sigterm.wait nmi.overhead nmi.crash.interarrival nmi.conntrackDeletion nmi.missingOnTaintedNode.prob entra.token.latency
  entra.token.errorProb entra.outage.duration entra.throttle.bucket entra.throttle.retryAfter sp.token.lifetime
  entra.jwks.refreshByServices entra.signInLog.delay entra.signInLog.cachedTokenLogged logAnalytics.ingestion logAnalytics.firstSetup
  cae.managedIdentity.supported cae.event.delay rbac.grant.delay rbac.revoke.delay rbac.aksClusterIdentity.worst
  rbac.mgScope.dataActionDelay rbac.orphanAssignment token.clockSkew kv.get.latency kv.backoff.client kv.error5xx.prob kv.audit.delay
  sql.login.latency sql.connection.lifetime sql.audit.delay cosmos.read.latency cosmos.rbac.delay net.rtt.inRegion secret.lifetime
  secret.alertLead secret.rotation.lead secret.rotation.missedProb secret.rotation.errorProb secret.rotation.duration
  secret.outage.detect secret.new.usableAfter secret.expired.podFailsAfter secret.k8sVolume.delay secret.env.needsRestart
  secret.rollout.duration secret.csi.pollInterval secret.leak.interarrival wi.saToken.lifetime wi.exchange.latency wi.fic.max
  wi.fic.propagation wi.fic.concurrentWrite wi.webhook.latency wi.webhook.unavailableProb wi.oidc.keyOverlap wi.oidc.entraJwksCache
`
  .trim()
  .split(/\s+/u);

/** Rows that hold several figures, each a knob of its own. */
export const compositeRows: Readonly<Record<string, readonly string[]>> = {
  'mi.rest.createUpdate.limit': [
    'mi.rest.createUpdate.limit.identity',
    'mi.rest.createUpdate.limit.subscription',
    'mi.rest.createUpdate.limit.tenant',
  ],
  'mi.rest.get.limit': ['mi.rest.get.limit.identity', 'mi.rest.get.limit.subscription', 'mi.rest.get.limit.tenant'],
  'mi.rest.delete.limit': ['mi.rest.delete.limit.identity', 'mi.rest.delete.limit.subscription', 'mi.rest.delete.limit.tenant'],
  'mi.revokeTokens.effectDelay': ['mi.revokeTokens.enabled', 'mi.revokeTokens.effectDelay'],
  'client.azidentityJs.retries': [
    'client.azidentityJs.retries.cap',
    'client.azidentityJs.retries.count',
    'client.azidentityJs.retries.factor',
    'client.azidentityJs.retries.first',
    'client.azidentityJs.retries.firstOn410',
    'client.azidentityJs.retries.jitter',
  ],
  'client.msalGo.retries': ['client.msalGo.retries.gap', 'client.msalGo.retries.tries'],
  'client.token.refreshAtHalf': ['client.token.refreshAtHalf', 'client.token.refreshAtHalf.minimumLife'],
  'arm.get.pathological.prob': ['arm.get.pathological.prob', 'arm.get.pathological.duration'],
  'arm.429.retryAfter': ['arm.429.retryAfter.minimum'],
  'crp.vmss.highCostGet': ['crp.vmss.highCostGet.perResource', 'crp.vmss.highCostGet.perSub'],
  'crp.vmss.delete': ['crp.vmss.delete.perResource', 'crp.vmss.delete.perSub'],
  'crp.vmssVm.update': ['crp.vmssVm.update.perResource', 'crp.vmssVm.update.perSub'],
  'crp.vm.update': ['crp.vm.update.perResource', 'crp.vm.update.perSub'],
  'crp.vm.get': ['crp.vm.get.perResource', 'crp.vm.get.perSub'],
  'crp.asyncGet': ['crp.asyncGet.perResource', 'crp.asyncGet.perSub'],
  'crp.legacy.vmssGet': ['crp.legacy.vmssGet.per30Min', 'crp.legacy.vmssGet.per3Min'],
  'crp.legacy.vmssUpdate': ['crp.legacy.vmssUpdate.per30Min', 'crp.legacy.vmssUpdate.per3Min'],
  'ca.decision.small': ['ca.decision.small.cap', 'ca.decision.small.scanWait', 'ca.decision.small.think'],
  'ca.decision.large': ['ca.decision.large.cap', 'ca.decision.large.scanWait', 'ca.decision.large.think'],
  'node.evictionRate': ['node.evictionRate', 'node.evictionRate.largeOutage', 'node.evictionRate.outageThreshold'],
  'node.autoRepair.detect': ['node.autoRepair.detect', 'node.autoRepair.maximum'],
  'limits.nodesPerCluster': ['limits.nodesPerCluster', 'limits.nodesPerCluster.perPool', 'limits.nodesPerCluster.kubenet'],
  'limits.podsPerNode': ['limits.podsPerNode', 'limits.podsPerNode.kubenet', 'limits.podsPerNode.maximum'],
  'api.list.latency': ['api.list.latency', 'api.list.latency.perThousandObjects'],
  'api.inflight': ['api.inflight.mutating', 'api.inflight.read'],
  'watch.backoff': ['watch.backoff.cap', 'watch.backoff.factor', 'watch.backoff.first', 'watch.backoff.jitter', 'watch.backoff.resetAfter'],
  'informer.resync.mic': ['informer.resync.mic.crds', 'informer.resync.mic.podsAndNodes'],
  'pod.crashBackoff': ['pod.crashBackoff.cap', 'pod.crashBackoff.factor', 'pod.crashBackoff.first'],
  'cni.poolSize': ['cni.poolSize.azure', 'cni.poolSize.kubenet'],
  'cni.podSubnet.batch': ['cni.podSubnet.batch', 'cni.podSubnet.refillBelow'],
  'mic.lease': ['mic.lease.duration', 'mic.lease.renewDeadline', 'mic.lease.retryPeriod'],
  'mic.clientQps': ['mic.clientQps', 'mic.clientBurst'],
  'mic.updateMsi.retry': ['mic.updateMsi.maxRetry', 'mic.updateMsi.retryInterval'],
  'nmi.lookup.created': ['nmi.lookup.createdAttempts', 'nmi.lookup.interval'],
  'nmi.lookup.assigned': ['nmi.lookup.assignedAttempts', 'nmi.lookup.interval'],
  'nmi.podLookup': ['nmi.podLookup.retries', 'nmi.podLookup.sleep'],
  'nmi.status.noAssignedId': [
    'nmi.status.noAssignedId',
    'nmi.status.noAssignedId.withRetryAfter',
    'nmi.retryAfter.enabled',
    'nmi.retryAfter.value',
  ],
  'nmi.status.tokenError': ['nmi.status.tokenError', 'nmi.status.healthCheckError'],
  'entra.outage.interarrival': ['entra.outage.interarrival', 'entra.outage.severity'],
  'entra.signInLog.retention': ['entra.signInLog.retention', 'entra.signInLog.retention.free'],
  'rbac.assignments.max': ['rbac.assignments.max', 'rbac.assignments.max.before2022'],
  'kv.rate.perVault': ['kv.rate.perVault', 'kv.rate.subscriptionFactor'],
  'kv.challenge401': ['kv.challenge401', 'kv.challenge401.latency'],
  'cosmos.rbac.limits': ['cosmos.rbac.limits.assignments', 'cosmos.rbac.limits.roleDefinitions'],
  'activityLog.delay': ['activityLog.delay', 'activityLog.delay.legacy'],
  'wi.saToken.refreshAt': ['wi.saToken.refreshAt', 'wi.saToken.refreshAt.maximumAge'],
  'wi.accessToken.lifetime': ['wi.accessToken.lifetime', 'wi.accessToken.lifetime.appRegistration'],
  'wi.webhook.failurePolicy': ['wi.webhook.failurePolicy', 'wi.webhook.replicas'],
};
