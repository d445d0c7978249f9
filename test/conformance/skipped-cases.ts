/** Cases that the runner skips, by the reason it gives: the simulator has nothing they could hold on to. docs/FIDELITY.md lists them. */
export const SKIPPED_CASES: Readonly<Record<string, readonly string[]>> = {
  'disabled in its source': ['k8s.pod-info.by-ip', 'k8s.pod-info.retries-until-pod-appears'],
  'utils.isKubenet: the network plugin is a setting; no kubelet file is read': ['support.kubenet.cni'],
  'apis.convert: the model has one type for each kind: there is nothing to convert': [
    'support.convert.binding-to-internal',
    'support.convert.identity-to-internal',
    'support.convert.assigned-to-internal',
    'support.convert.binding-to-v1',
    'support.convert.assigned-to-v1',
    'support.convert.exception-to-internal',
  ],
  'metrics.report: metrics are counted from facts, not reported by calls': [
    'support.metric.assigned-identity-addition-count',
    'support.metric.assigned-identity-deletion-count',
    'support.metric.assigned-identity-update-count',
    'support.metric.mic-new-leader-election-count',
    'support.metric.cloud-provider-operations-errors-count',
    'support.metric.kubernetes-api-operations-errors-count',
    'support.metric.cloud-provider-operations-duration-seconds',
  ],
  'filewatch.start: the file watcher of the cloud configuration is not modelled': ['support.config-watch.write-after-add'],
  'version.userAgent: requests carry no user agent': ['support.user-agent.default', 'support.user-agent.version'],
  'log.validateFormat: the simulator has no logs of the real format': ['support.log-format.text', 'support.log-format.json'],
};
