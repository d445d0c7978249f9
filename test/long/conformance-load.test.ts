/** The conformance cases that take longer than a test of every day may. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { readCaseFiles } from '../conformance/case-files.ts';
import { runCase } from '../conformance/case-run.ts';
import { SLOW_CASES } from '../conformance/slow-cases.ts';

const { files } = readCaseFiles(path.join(import.meta.dirname, '..', 'conformance', 'cases'));
const cases = files.flatMap((file) => file.cases).filter(({ id }) => SLOW_CASES.includes(id));

test.each(cases)(
  '$id holds',
  (one) => {
    expect(runCase(one)).toMatchObject({ verdict: 'passed' });
  },
  600_000,
);
