/** Cases that the runner skips, by the reason it gives: the simulator has nothing they could hold on to. docs/FIDELITY.md lists them. */
export const SKIPPED_CASES: Readonly<Record<string, readonly string[]>> = {
  'disabled in its source': ['k8s.pod-info.by-ip', 'k8s.pod-info.retries-until-pod-appears'],
  'apis.convert: the model has one type for each kind: there is nothing to convert': [
    'support.convert.binding-to-internal',
    'support.convert.identity-to-internal',
    'support.convert.assigned-to-internal',
    'support.convert.binding-to-v1',
    'support.convert.assigned-to-v1',
    'support.convert.exception-to-internal',
  ],
};
