/** Kinds of errors of a token request (pkg/auth): whether the issuer refused, or nothing usable came back. */
import { errorKind } from '../../../src/model/nmi/upstream.ts';
import { mapAt, textAt } from '../stage/objects.ts';
import type { DataMap } from '../stage/objects.ts';
import { answerWithout, httpEquivalentOf, withFlag } from './nmi-questions.ts';
import { Outcome } from './stage.ts';
import type { CallStage, CaseFunction } from './stage.ts';

/** What upstream's last answer was when such an error came about: a refusal, or none. */
const UPSTREAM_STATUS: Readonly<Record<string, number>> = { 'token-refresh': 400, plain: 0 };

/** By name. */
export const AUTH_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'auth.isTokenRefreshError': (args, stage) => isOfKind('tokenError', args, stage),
  'auth.isHealthCheckError': (args, stage) => isOfKind('healthCheckError', args, stage),
};

function isOfKind(kind: ReturnType<typeof errorKind>, args: DataMap, { given }: CallStage): Outcome {
  const spelled = textAt(mapAt(args, 'error'), 'kind');
  const status = UPSTREAM_STATUS[spelled];
  if (status === undefined) throw new Error(`errors of kind ${spelled} are not known`);
  const conduct = status === 0 ? 'absent' : 'refuses';
  const http = httpEquivalentOf(answerWithout(given, conduct), undefined, () =>
    answerWithout(withFlag(given, 'set-retry-after-header'), conduct),
  );
  return new Outcome({ value: errorKind(status) === kind, http });
}
