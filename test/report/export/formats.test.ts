/** Claim: each export is what the format's own readers, written by others, take it for, and says what the run says. */
import otlp from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { buildModel } from '@tracerbench/trace-model';
import { parse as parseJunit } from 'junit2json';
import mermaid from 'mermaid';
import Papa from 'papaparse';
import parsePrometheus from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import { chromeTrace } from '../../../src/report/export/chrome-trace.ts';
import { componentLogs } from '../../../src/report/export/component-logs.ts';
import { exportedFiles, indexFile, mermaidDiagram } from '../../../src/report/export/index.ts';
import { junitXml } from '../../../src/report/export/junit.ts';
import { otlpTraces } from '../../../src/report/export/otlp.ts';
import { measuresCsv, tokensCsv } from '../../../src/report/export/tabular.ts';
import { micros, minutes, after, ORIGIN } from '../../../src/kernel/time.ts';
import { journalOf } from './journal-of.ts';

/** Mermaid reads boxes only where there is a page to clean their titles in: those are read, and drawn, in the browser suite. */
const BOXES = /^ {2}(?:box .*|end)\n/gmu;

const OtlpRequest = otlp.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

const run = { seed: 'idflow', scenario: 'x' };

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

interface OtlpDocument {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

describe.each(['aks-sql-token', 'node-scale-out', 'vm-system-assigned'])('the exports of %s', (name) => {
  const { journal, report } = journalOf(name);

  it('OTLP: the protobuf of OpenTelemetry takes it, and children fill their root exactly', () => {
    const document = otlpTraces(journal, run) as OtlpDocument;
    // Ids are bytes in protobuf and hex in JSON, times there are 64-bit numbers: the reader gets them as its JSON decoder would hand them over.
    const decoded: unknown = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
      key.endsWith('Id') && typeof value === 'string' ? Buffer.from(value, 'hex') : value,
    );
    expect(() => OtlpRequest.fromObject(decoded)).not.toThrow();
    expect(OtlpRequest.verify(OtlpRequest.fromObject(decoded))).toBeNull();
    const spans = document.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    expect(spans.length).toBeGreaterThan(journal.tokens.length);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    for (const root of spans.filter(({ parentSpanId }) => parentSpanId === '')) {
      const children = spans.filter(({ traceId, parentSpanId }) => traceId === root.traceId && parentSpanId === root.spanId);
      const length = (span: OtlpSpan): bigint => BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano);
      expect(children.reduce((sum, child) => sum + length(child), 0n)).toBe(length(root));
    }
  });

  it('Chrome trace: a reader of traces finds its processes, each begin has its end, each arrow both ends, times are in order and numbers', () => {
    const { traceEvents: events } = chromeTrace(journal, run) as { readonly traceEvents: Parameters<typeof buildModel>[0] };
    const traceEvents = events as unknown as readonly Record<string, unknown>[];
    const count = (ph: string): number => traceEvents.filter((event) => event['ph'] === ph).length;
    expect(count('b')).toBe(count('e'));
    expect(count('s')).toBe(count('f'));
    expect(count('X')).toBeGreaterThan(10);
    const model = buildModel(events);
    expect(model.events.length).toBeGreaterThan(10);
    expect(model.processes.map((process) => process.name)).toContain('imds');
    const times = traceEvents.filter(({ ph }) => ph !== 'M').map(({ ts }) => ts as number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((ts) => Number.isInteger(ts))).toBe(true);
  });

  it('Mermaid: its own parser reads the diagram as a sequence, below its size limit', async () => {
    const text = mermaidDiagram(journal);
    expect(text.length).toBeLessThan(50_000);
    await expect(mermaid.parse(text.replace(BOXES, ''))).resolves.toMatchObject({ diagramType: 'sequence' });
  });

  it('JUnit: a reader of JUnit files finds the expectations and what became of them', async () => {
    const read = await parseJunit(junitXml(report));
    expect(read).toMatchObject({ tests: report.expectations.length, failures: report.verdict.fell });
    const suites = (read as { readonly testsuite: readonly { readonly testcase: readonly unknown[] }[] }).testsuite;
    expect(suites[0]?.testcase).toHaveLength(report.expectations.length);
  });

  it('CSV: a reader of CSV finds one line a token, whose parts sum to its wait, and every measure', () => {
    const tokens = Papa.parse<Record<string, string>>(tokensCsv(journal), { header: true, skipEmptyLines: true });
    expect(tokens.errors).toEqual([]);
    expect(tokens.data).toHaveLength(journal.tokens.length);
    for (const columns of tokens.data) {
      const parts = Object.entries(columns).slice(Object.keys(columns).indexOf('uti') + 1);
      expect(parts.reduce((sum, [, us]) => sum + Number(us), 0)).toBe(Number(columns['waitUs']));
    }
    const measures = Papa.parse<Record<string, string>>(measuresCsv(report), { header: true, skipEmptyLines: true });
    expect(measures.data.map(({ metric }) => metric)).toEqual(report.metrics.map(({ metric }) => metric));
  });

  it('is the same for the same run', () => {
    const again = journalOf(name);
    expect(exportedFiles(again.journal, again.report)).toEqual(exportedFiles(journal, report));
  });
});

describe('a folder', () => {
  const { journal, report } = journalOf('aks-sql-token');

  it('has an index that links each file once and loads nothing from elsewhere', () => {
    const files = exportedFiles(journal, report);
    const { text } = indexFile(report, files);
    for (const { path } of files) expect(text.split(`href="${path}"`)).toHaveLength(2);
    expect(text).not.toMatch(/https?:\/\//u);
  });

  it('keeps what is written in a scenario from becoming markup', () => {
    const evil = {
      ...report,
      provenance: { ...report.provenance, scenario: { name: '<b>', question: '"&<script>', path: '', falls: '' } },
    };
    expect(indexFile(evil, []).text).not.toContain('<script>');
    expect(junitXml(evil)).toContain('&lt;b&gt;');
  });

  it('has the metrics of each process under their real names, as a reader of Prometheus texts finds them', () => {
    const texts = exportedFiles(journal, report).filter(({ path }) => path.startsWith('metrics/'));
    const families = texts.flatMap(({ text }) => parsePrometheus(text));
    const names = new Set(families.map(({ name }) => name));
    expect(names).toContain('aadpodidentity_assigned_identity_addition_count');
    expect(names).toContain('aadpodidentity_nmi_operations_duration_seconds');
    const started = families.filter(({ name }) => name === 'aadpodidentity_mic_new_leader_election_count');
    expect(started.flatMap(({ metrics }) => metrics.map(({ value }) => value))).toEqual(['1', '1']);
  });

  it('has logs on which the documented greps work', () => {
    const logs = componentLogs(journal.facts);
    const lines = [...logs.values()].join('').trim().split('\n');
    const klog = /^[IWE]\d{4} \d{2}:\d{2}:\d{2}\.\d{6} +\d+ [\w.]+:\d+\] .+$/u;
    expect(lines.filter((line) => !klog.test(line))).toEqual([]);
    const nmi = [...logs].filter(([actor]) => actor.startsWith('nmi/')).flatMap(([, text]) => text.split('\n'));
    expect(nmi.filter((line) => line.startsWith('E')).length).toBeGreaterThan(0);
    expect(nmi.filter((line) => /status \(200\) took \d+ ns .* req.remote=10\./u.test(line)).length).toBeGreaterThan(0);
    expect(nmi.filter((line) => line.includes('matched identityType:0 clientid:89b9##### REDACTED #####7c8f')).length).toBeGreaterThan(0);
  });
});

describe('the statistics of a cycle of MIC', () => {
  it('stand in its log, by the names that pkg/stats gives them', () => {
    const { journal } = journalOf('aks-sql-token');
    const [, log = ''] =
      [...componentLogs(journal.facts)].find(([actor, text]) => actor.startsWith('mic/') && text.includes('stats')) ?? [];
    const lines = log.split('\n').flatMap((one) => (one.includes(' stats.go:0] ') ? [one.slice(one.indexOf('] ') + 2)] : []));
    const [first] = lines.join('\n').split('*********************');
    expect(first).toMatch(/^\*\* stats collected \*\*\nPod listing: 0s\n/u);
    const value = (name: string): number => Number(new RegExp(`^${name}: ([\\d.]+)s?$`, 'mu').exec(first ?? '')?.[1]);
    const created = journal.facts.filter(({ fact }) => fact.type === 'mic-assigned-identity-written' && fact.operation === 'addition');
    expect(value('Number of AzureAssignedIdentities created in this sync cycle')).toBeGreaterThan(0);
    expect(value('Number of AzureAssignedIdentities created in this sync cycle')).toBeLessThanOrEqual(created.length);
    expect(value('Number of cloud provider GET')).toBeGreaterThan(0);
    expect(value('Cloud provider PATCH')).toBeGreaterThan(1);
    expect(value('Total')).toBeGreaterThan(value('Cloud provider PATCH'));
    expect(value('Total')).toBeCloseTo(value('System') + value('Total time to assign or update AzureAssignedIdentities'), 6);
  });
});

describe.each(['node-scale-out', 'rbac-day-one'])('the metrics of %s', (name) => {
  it('are texts that a reader of Prometheus takes, with requests that NMI answered', () => {
    const { journal, report } = journalOf(name);
    const texts = exportedFiles(journal, report).filter(({ path }) => path.startsWith('metrics/'));
    const families = texts.flatMap(({ text }) => parsePrometheus(text));
    const answered = families.filter(({ name }) => name === 'aadpodidentity_nmi_operations_duration_seconds');
    const nodes = new Set(journal.facts.flatMap(({ fact }) => (fact.type === 'nmi-answered' && fact.isCounted ? [fact.node] : [])));
    expect(nodes.size).toBeGreaterThan(0);
    expect(answered.length).toBe(nodes.size);
    expect(answered.every(({ metrics }) => metrics.length > 0)).toBe(true);
    expect(families.map(({ name }) => name)).toContain('aadpodidentity_mic_new_leader_election_count');
  });
});

describe('a diagram of a slice', () => {
  const { journal } = journalOf('aks-sql-token');
  const [first = ''] = new Set(journal.tokens.map(({ pod }) => pod));

  it('shows only the time asked for', () => {
    const text = mermaidDiagram(journal, { from: after(ORIGIN, minutes(2)), to: after(ORIGIN, minutes(3)) });
    const times = [...text.matchAll(/: (\d{2}:\d{2}:\d{2})\.\d+<br\/>/gu)].map(([, time = '']) => time);
    expect(times.length).toBeGreaterThan(5);
    for (const time of times) expect(time >= '00:02:00' && time <= '00:03:00').toBe(true);
  });

  it('shows only arrows between the actors asked for', () => {
    const text = mermaidDiagram(journal, { actors: ['nmi', 'imds'] });
    expect([...text.matchAll(/participant \w+ as (\w+)/gu)].every(([, kind]) => kind === 'nmi' || kind === 'imds')).toBe(true);
  });

  it('follows a pod through NMI and IMDS to Entra, and leaves other pods out', () => {
    const text = mermaidDiagram(journal, { pod: first });
    expect(text).toMatch(/participant \w+ as aad/u);
    const others = new Set(journal.tokens.map(({ pod }) => pod).filter((pod) => pod !== first));
    expect(others.size).toBeGreaterThan(0);
    for (const other of others) expect(text).not.toContain(`pod<br/>${other.replace('/', '<br/>')}`);
    expect(text).toContain(`pod<br/>${first.replace('/', '<br/>')}`);
  });

  it('puts those of one machine into a box, in the order of the flow, and tells of pauses', () => {
    const text = mermaidDiagram(journal, { pod: first, from: after(ORIGIN, minutes(2)), to: after(ORIGIN, minutes(3)) });
    const boxes = [...text.matchAll(/ {2}box rgb\(245,245,245\) (\S+)\n((?: {2}participant .*\n)+) {2}end/gu)];
    expect(boxes.length).toBeGreaterThan(0);
    for (const [, , inside = ''] of boxes) {
      const kinds = [...inside.matchAll(/ as (\w+)$/gmu)].map(([, kind = '']) => kind);
      expect(kinds).toEqual(['iptables', 'nmi', 'imds'].filter((kind) => kinds.includes(kind)));
    }
    expect(text.indexOf(' as arm')).toBeLessThan(text.indexOf(' as aad'));
    expect(text).toMatch(/Note over p0,p\d+: \d+\.\d s pass/u);
  });

  it('says what does not fit, and what is empty', async () => {
    const many = { messages: Array.from({ length: 40 }, () => journal.messages).flat() };
    const text = mermaidDiagram(many);
    expect(text.length).toBeLessThan(50_000);
    expect(text).toMatch(/\d+ more messages do not fit/u);
    const empty = mermaidDiagram(journal, { from: after(ORIGIN, micros(1)), to: after(ORIGIN, micros(2)), actors: ['nobody'] });
    expect(empty).toContain('nothing was said');
    await expect(mermaid.parse(empty)).resolves.toMatchObject({ diagramType: 'sequence' });
  });
});
