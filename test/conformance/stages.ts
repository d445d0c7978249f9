/** Which world a case is played in: the smallest that has all its components. */
import type { ConformanceCase } from './case.ts';
import type { CaseRecords, CaseStage } from './case-stage.ts';
import { ClusterStage } from './cluster-stage.ts';
import { NodeStage } from './node-stage.ts';
import { SmallStage } from './small-stage.ts';
import { textsAt } from './stage/objects.ts';

/** What the small worlds stand for. */
const AROUND_MIC: readonly string[] = ['mic', 'arm', 'kube-apiserver'];
const AROUND_NMI: readonly string[] = ['nmi', 'imds', 'aad', 'kube-apiserver'];

/** Builds the world of a case. */
export function stageOf(one: ConformanceCase, records: CaseRecords): CaseStage {
  const components = textsAt(one.given, 'components');
  // The small worlds admit everything.
  if (one.given['admission'] !== undefined) return new ClusterStage(one, records);
  if (components.every((name) => AROUND_MIC.includes(name))) return new SmallStage(one, records);
  if (components.every((name) => AROUND_NMI.includes(name))) return new NodeStage(one, records);
  return new ClusterStage(one, records);
}
