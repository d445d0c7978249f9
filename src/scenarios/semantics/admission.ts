/** Resolves the rules by which the API server refuses objects. */
import type { AdmissionRule } from '../../model/admission.ts';
import { isUsedKindName, USED_KIND_NAMES } from '../manifests/kinds.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Scope } from './scope.ts';
import type { WorldSource } from './world.ts';

type AdmissionSource = NonNullable<NonNullable<WorldSource['cluster']>['admission']>;

/** All rules, numbered as written; the kinds are those of manifests. */
export function readAdmission(scope: Scope, source: AdmissionSource): readonly AdmissionRule[] {
  return source.flatMap(({ deny }, index) => {
    const id = `rule-${String(index + 1).padStart(4, '0')}`;
    if (isUsedKindName(deny.kind)) return [{ id, kind: deny.kind, when: deny.when }];
    scope.problem(['world', 'cluster', 'admission', index, 'deny', 'kind'], unknownRule('kind', deny.kind, USED_KIND_NAMES));
    return [];
  });
}
