/** The judgement of a run as JUnit XML, which CI systems show: one test case for each expectation. */
import { escapedMarkup } from './markup.ts';
import type { JudgedExpectation, Report } from '../document/index.ts';

/** The file. A fallen expectation is a failure, an undecided one is skipped. It tells no times: those of a run are simulated, and CI systems add up real ones. */
export function junitXml(report: Report): string {
  const { scenario, seed, fingerprint, simulatedUs } = report.provenance;
  const { fell, undecided } = report.verdict;
  const counts = `tests="${String(report.expectations.length)}" failures="${String(fell)}" errors="0" skipped="${String(undecided)}"`;
  const properties = [
    ['seed', seed],
    ['fingerprint', fingerprint],
    ['replay', report.provenance.command],
    ['simulatedSeconds', (simulatedUs / 1_000_000).toFixed(6)],
  ].map(([name = '', value = '']) => `      <property name="${escaped(name)}" value="${escaped(value)}"/>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="idflow" ${counts}>`,
    `  <testsuite name="${escaped(scenario.name)}" ${counts}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...report.expectations.map((expectation) => testCase(expectation, scenario.name)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ text, kind, bound, observed, why, verdict, line }: JudgedExpectation, scenario: string): string {
  const open = `    <testcase name="${escaped(kind === 'measure' ? text : `${text} ${bound}`)}" classname="${escaped(`${scenario}.${kind}`)}"`;
  if (verdict === 'held') return `${open}/>`;
  const said = `expected ${bound}, observed ${observed}`;
  const body =
    verdict === 'fell'
      ? `<failure message="${escaped(said)}">${escaped(`${why} (${line})`)}</failure>`
      : `<skipped message="${escaped(why)}"/>`;
  return `${open}>\n      ${body}\n    </testcase>`;
}

function escaped(text: string): string {
  // Control characters cannot stand in XML at all.
  return escapedMarkup(text).replace(/[^\t\n\r\u0020-\uffff]/gu, '?');
}
