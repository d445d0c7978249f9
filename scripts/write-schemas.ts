/** Writes the JSON Schemas that editors use: `npm run schema`. A test says when they are stale. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { reportJsonSchema } from '../src/report/document/index.ts';
import { traceJsonSchema } from '../src/report/document/trace-line.ts';
import { scenarioJsonSchema } from '../src/scenarios/schema/json-schema.ts';

const folder = new URL('../schema/', import.meta.url);

mkdirSync(folder, { recursive: true });
writeFileSync(new URL('scenario.schema.json', folder), `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
writeFileSync(new URL('report.schema.json', folder), `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
writeFileSync(new URL('trace.schema.json', folder), `${JSON.stringify(traceJsonSchema(), null, 2)}\n`);
