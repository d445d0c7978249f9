/** What holds of a whole cluster: pods, health pages, rules of the nodes. */
import { mismatch, NoSeam } from './case.ts';
import type { Cluster } from './stage/cluster.ts';
import { mapAt, textAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** NMI's chain in the nat table, and the one that jumps to it. */
const CHAIN = 'aad-metadata';
const JUMPS_FROM = 'PREROUTING';

/** Checks an assertion that only a whole cluster knows; false for another. Throws where it does not hold. */
export function checkCluster(item: DataMap, cluster: Cluster): boolean {
  if (item['podPhase'] !== undefined) checkPhase(mapAt(item, 'podPhase'), cluster);
  else if (item['initContainer'] !== undefined) checkInitContainer(mapAt(item, 'initContainer'), cluster);
  else if (item['iptables'] !== undefined) checkRules(mapAt(item, 'iptables'), cluster);
  else if (item['probe'] !== undefined) checkProbe(mapAt(item, 'probe'), cluster);
  else return false;
  return true;
}

/** Keys of the pods of MIC or NMI that a step means: `leader`, `followers`, a node, or all. */
export function replicasOf(
  cluster: Cluster,
  which: { readonly component: Data; readonly replica: Data; readonly node: Data },
): readonly string[] {
  const { component, replica, node } = which;
  if (component !== 'mic' && component !== 'nmi') throw new NoSeam(`${JSON.stringify(component)} has no pods of its own here`);
  const pods = cluster.podsOf(component);
  if (replica === 'leader') return pods.filter((pod) => pod === cluster.leader);
  if (replica === 'followers') return pods.filter((pod) => pod !== cluster.leader);
  if (replica !== '' && replica !== 'all') throw new NoSeam(`replica ${JSON.stringify(replica)} is not known`);
  return node === '' || node === 'all' ? pods : pods.filter((pod) => cluster.pod(pod)?.spec.nodeName === node);
}

function checkPhase(wanted: DataMap, cluster: Cluster): void {
  const { phase, count } = wanted;
  if (wanted['pod'] !== undefined) {
    const key = podKeyOf(wanted);
    const seen = cluster.pod(key)?.status.phase ?? 'absent';
    if (seen !== phase) mismatch(`phase of ${key}`, phase, seen);
    return;
  }
  const selector = Object.entries(mapAt(wanted, 'selector'));
  const pods = cluster.pods.filter(({ metadata }) => selector.every(([label, value]) => metadata.labels[label] === value));
  const seen = pods.filter(({ status }) => status.phase === phase).length;
  if (typeof count === 'number' ? seen !== count : seen === 0 || seen !== pods.length)
    mismatch(`pods in ${textAt(wanted, 'phase')}`, count ?? 'all', seen);
}

/** How an init container of a pod ended. */
function checkInitContainer(wanted: DataMap, cluster: Cluster): void {
  const key = podKeyOf(wanted);
  const index = Number(wanted['index'] ?? 0);
  const end = cluster.pod(key)?.status.initContainers?.[index];
  const what = `init container ${String(index)} of ${key}`;
  if (end === undefined) mismatch(what, 'ended', 'not ended');
  if (wanted['exitCode'] !== undefined && wanted['exitCode'] !== end.exitCode)
    mismatch(`exit code of ${what}`, wanted['exitCode'], end.exitCode);
  if (wanted['reason'] !== undefined && wanted['reason'] !== end.reason) mismatch(`reason of ${what}`, wanted['reason'], end.reason);
}

/** `namespace/name` of the pod an assertion is about. */
function podKeyOf(wanted: DataMap): string {
  return textAt(wanted, 'pod').replace(/^Pod\//u, '');
}

function checkRules(wanted: DataMap, cluster: Cluster): void {
  const { node } = wanted;
  const nodes = node === undefined || node === 'all' ? cluster.nodes : [textAt(wanted, 'node')];
  const isWanted = wanted['exists'] !== false;
  for (const name of nodes) {
    const rules = cluster.rulesOf(name);
    const hasChain = wanted['chain'] === CHAIN && rules !== undefined && rules.chain !== 'absent';
    if (hasChain !== isWanted) mismatch(`chain ${textAt(wanted, 'chain')} on ${name}`, isWanted, hasChain);
    if (wanted['jumpFrom'] === undefined) continue;
    const hasJump = wanted['jumpFrom'] === JUMPS_FROM && rules?.jump === 'present';
    if (hasJump !== isWanted) mismatch(`jump from ${textAt(wanted, 'jumpFrom')} on ${name}`, isWanted, hasJump);
  }
}

/** Asks the health page of each replica meant, and waits the moment that takes. */
function checkProbe(wanted: DataMap, cluster: Cluster): void {
  const component = textAt(wanted, 'component');
  const pods = replicasOf(cluster, { component, replica: wanted['replica'] ?? '', node: wanted['node'] ?? '' });
  if (pods.length === 0) mismatch(`${textAt(wanted, 'replica')} of ${component}`, 'there', 'absent');
  for (const pod of pods) {
    const request = cluster.askProbe(component === 'mic' ? 'mic' : 'nmi', pod);
    cluster.passToNext(0);
    const answer = cluster.answerTo(request);
    const seen = answer?.type === 'ProbeAnswer' ? answer.body : 'no answer';
    if (seen !== wanted['body']) mismatch(`health page of ${pod}`, wanted['body'], seen);
  }
}
