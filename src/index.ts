/**
 * The core of idflow: what a program, a page or a test needs to load a scenario, run it and read its report. Runs in Node and in a browser.
 *
 *   loadScenario({ path, text, readText }) ─► runScenario({ scenario, overrides, seed }) ─► report, outcome, simulation
 *
 * Nothing here reads a file: the caller hands over texts.
 */
export { beginRun, overridesOf, runScenario, worldOf } from './experiments/run.ts';
export type { RunRequest, RunUnderWay, ScenarioRun } from './experiments/run.ts';
export { contentHash, decodeReplay, encodeReplay } from './scenarios/replay/replay-token.ts';
export type { DecodedReplay, ReplayRecipe } from './scenarios/replay/replay-token.ts';
export { meanInterval } from './experiments/statistics.ts';
export type { Interval } from './experiments/statistics.ts';
export { merge, NO_SHARDS, resultOf, runShard, seedOfShard, summarize } from './experiments/sweep.ts';
export type { ExpectationSummary, MetricSummary, ShardResult, SweepPlan, SweepResult, SweepSummary } from './experiments/sweep.ts';
export { History } from './kernel/history.ts';
export type { Step } from './kernel/history.ts';
export { Simulation } from './kernel/simulation.ts';
export { formatDuration, formatMoment, parseDuration } from './kernel/time.ts';
export type { Duration, Moment } from './kernel/time.ts';
export type { LatencyPart, Trace } from './kernel/trace.ts';
export { SimulationError } from './kernel/world.ts';
export type { Delivery, Observer, Outcome, RunOptions, StampedFact } from './kernel/world.ts';
export { Calibration, defaultCalibration, describeKnob, findKnobs, resolve, splitOverride } from './model/calibration/index.ts';
export type { KnobDescription, KnobName, KnobProblem, Overrides, Resolution } from './model/calibration/index.ts';
export type { Fact } from './model/facts/index.ts';
export type { Message } from './model/messages/index.ts';
export type { Identity } from './model/vocabulary.ts';
export { componentMetricOf } from './report/component-metrics/definitions.ts';
export type { ComponentMetricName } from './report/component-metrics/definitions.ts';
export { ComponentMetrics } from './report/component-metrics/index.ts';
export { openMetricsText } from './report/component-metrics/open-metrics.ts';
export { MetricRegistry } from './report/component-metrics/registry.ts';
export type { MetricLabels, MetricSeries, MetricValue } from './report/component-metrics/registry.ts';
export { REPORT_FORMAT, reportJsonSchema } from './report/document/index.ts';
export type { Report } from './report/document/index.ts';
export { Measures } from './report/measures.ts';
export type { ReportContext } from './report/measures.ts';
export { assemble } from './scenarios/assemble/index.ts';
export type { AssemblyOptions, World } from './scenarios/assemble/index.ts';
export type { ScenarioDescription } from './scenarios/description.ts';
export { loadScenario } from './scenarios/load.ts';
export type { LoadResult, ScenarioInput } from './scenarios/load.ts';
export { formatNote, formatProblem } from './scenarios/problem.ts';
export type { Note, Problem } from './scenarios/problem.ts';
export { scenarioJsonSchema } from './scenarios/schema/json-schema.ts';
