/** Which functions of cases have a rule in the simulator, and why the others have none. */
import { AUTH_FUNCTIONS } from './functions/auth-functions.ts';
import { CLOUD_FUNCTIONS } from './functions/cloud-functions.ts';
import { FILE_FUNCTIONS } from './functions/file-functions.ts';
import { MIC_FUNCTIONS } from './functions/mic-functions.ts';
import { NMI_FUNCTIONS } from './functions/nmi-functions.ts';
import { PROCESS_FUNCTIONS } from './functions/process-functions.ts';
import type { CaseFunction } from './functions/stage.ts';
import { NoSeam } from './case.ts';

const FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  ...AUTH_FUNCTIONS,
  ...CLOUD_FUNCTIONS,
  ...FILE_FUNCTIONS,
  ...MIC_FUNCTIONS,
  ...NMI_FUNCTIONS,
  ...PROCESS_FUNCTIONS,
};

/** Functions without a seam, or families of them, and what the simulator has instead. */
const WITHOUT: Readonly<Record<string, string>> = {
  'apis.convert': 'the model has one type for each kind: there is nothing to convert',
};

/** The function of a name; throws where there is none. */
export function functionOf(name: string): CaseFunction {
  const found = FUNCTIONS[name];
  if (found === undefined) throw new NoSeam(`${name}: ${WITHOUT[name] ?? 'no rule of that name'}`);
  return found;
}
