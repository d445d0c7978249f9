/**
 * What is asked both of Node and of the page, and must be answered alike to the last bit.
 *
 * Bundled for the page and imported in Node, so both run this very text. A question is a function without arguments whose answer is a list
 * of strings (a number's shortest text tells any two numbers apart).
 */
import { exp, ln, normalCdf, normalQuantile } from '../../src/kernel/numeric.ts';
import { hashString, mix, sample } from '../../src/kernel/random.ts';
import { runScenario } from '../../src/experiments/run.ts';
import { loadScenario } from '../../src/scenarios/load.ts';

const count = 2_000;

/** Points spread evenly, without chance, over (0, 1). */
function unitPoint(index: number): number {
  return (index + 0.5) / count;
}

function texts(value: (index: number) => number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(value(index)));
}

/** The questions, by name. */
export const questions: Readonly<Record<string, () => readonly string[]>> = {
  'ln over (0, 1000)': () => texts((index) => ln(unitPoint(index) * 1_000)),
  'exp over (-30, 30)': () => texts((index) => exp((unitPoint(index) - 0.5) * 60)),
  'normal distribution function over (-8, 8)': () => texts((index) => normalCdf((unitPoint(index) - 0.5) * 16)),
  'normal quantile over (0, 1)': () => texts((index) => normalQuantile(unitPoint(index))),
  'lognormal samples': () => texts((index) => sample({ kind: 'logNormal', median: 180, sigma: 0.8 }, unitPoint(index))),
  'hashes of names': () => texts((index) => mix(hashString(`pod-${index}`), index)),
};

/** What a run comes to: its fingerprint, and its report as text. Both modes. */
export function runOf(scenario: string, files: Readonly<Record<string, string>>): readonly string[] {
  const loaded = loadScenario({ path: scenario, text: files[scenario] ?? '', readText: (path) => files[path] });
  if (!loaded.ok) return loaded.problems.map(({ path, rule }) => `${path}: ${rule}`);
  return (['fast', 'recorded'] as const).flatMap((mode) => {
    const { outcome, report } = runScenario({ scenario: loaded.scenario, mode });
    return [outcome.fingerprint, JSON.stringify(report)];
  });
}
