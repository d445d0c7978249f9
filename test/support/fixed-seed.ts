/**
 * Properties look at the same cases in every run, so that a red one is red for everybody; `IDFLOW_TEST_SEED=7 npm test` looks at others.
 */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['IDFLOW_TEST_SEED'] ?? '20') });
