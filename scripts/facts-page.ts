/** docs/FACTS.md: what measures may name. Facts with their fields, out of src/model/facts; tables; metrics. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { packageFolder } from '../src/cli/package-folder.ts';
import { TABLES } from '../src/model/tables.ts';
import { FACT_FIELDS } from '../src/scenarios/schema/fact-fields.ts';
import { METRIC_NAMES, METRICS } from '../src/scenarios/schema/metric-names.ts';

const FILES = ['assignment.ts', 'platform.ts', 'token.ts'] as const;

/** Types that a reader knows otherwise. */
const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  Duration: 'duration',
  Moment: 'time',
  'readonly string[]': 'list of texts',
};

/** What stands between two facts in their union: the comment before, and the body. */
const FACT =
  /(?:\/\*\*(?<about>(?:(?!\*\/)[\s\S])*)\*\/\s*)?\|?\s*\{(?<body>\s*readonly type: '(?<type>[\w-]+)'[\s\S]*?)\n?\s*\}(?=\s*(?:;|\||\/\*\*))/gu;
const FIELD = /readonly (?<name>\w+)(?<optional>\?)?: (?<kind>(?:'[^']*'|[^;'])+);?/gu;

/** docs/FACTS.md as it should be. */
export async function factsPage(): Promise<string> {
  const facts = FILES.flatMap((file) => factsIn(readFileSync(path.join(packageFolder, 'src/model/facts', file), 'utf8')));
  const told = facts.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  if (told.length !== Object.keys(FACT_FIELDS).length) throw new Error(`${String(told.length)} facts were found in the sources`);
  const metrics = METRIC_NAMES.map((name) => `- \`${name}\` [${METRICS[name].unit}]: ${METRICS[name].what}.`);
  const page = `# Facts, tables and metrics

Made by \`scripts/facts-page.ts\`. What measures may name ([MEASURES.md](MEASURES.md)). Each fact also has \`at\`, the time at which it was stated.

## Facts

${told.join('\n')}

## Tables

Rows of Kubernetes objects have \`metadata\`, \`spec\` and \`status\` as in Kubernetes; the other rows stand in \`src/model\`.

${Object.keys(TABLES)
  .toSorted()
  .map((name) => `\`${name}\``)
  .join(', ')}.

## Metrics

${metrics.join('\n')}
`;
  return format(page, { parser: 'markdown', printWidth: 140 });
}

function factsIn(source: string): readonly (readonly [string, string])[] {
  return [...source.matchAll(FACT)].map(({ groups = {} }) => {
    const { about = '', body = '', type = '' } = groups;
    const fields = [...body.replace(/\/\*\*[\s\S]*?\*\//gu, '').matchAll(FIELD)].flatMap(({ groups: field = {} }) => {
      const { name = '', optional, kind = '' } = field;
      return name === 'type' ? [] : [`\`${name}\`${optional === undefined ? '' : '?'} (${wordOf(kind)})`];
    });
    const text = about
      .replace(/\s*\*\s+/gu, ' ')
      .replace(/\s+/gu, ' ')
      .trim();
    return [type, `- \`${type}\`: ${text === '' ? '' : `${text} `}Fields: ${fields.join(', ')}.`] as const;
  });
}

function wordOf(kind: string): string {
  const plain = kind.replace(/\s+/gu, ' ').trim();
  const words = plain.replace(/^\| /u, '').split(' | ');
  return WORDS[plain] ?? words.map((word) => `\`${word.replaceAll("'", '')}\``).join(', ');
}
