/**
 * Writes docs/SCENARIOS.md, the language of scenario files from its schema with the names that it knows, and docs/KNOBS.md, the notation of
 * knobs with the list of their sources. docs/FACTS.md, what measures may name, is made by facts-page.ts.
 *
 *   tsx scripts/reference-pages.ts          writes the pages anew
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { packageFolder } from '../src/cli/package-folder.ts';
import { sourceKeys } from '../src/model/calibration/index.ts';
import { CONDITION_NAMES, CONDITIONS, INVARIANT_NAMES, INVARIANTS } from '../src/scenarios/schema/claim-names.ts';
import { scenarioJsonSchema } from '../src/scenarios/schema/json-schema.ts';
import { ACTS } from '../src/testing/index.ts';
import { factsPage } from './facts-page.ts';

const DOCS = path.join(packageFolder, 'docs');

/** The part of a JSON Schema that is told here. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly description?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: string | number | boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly additionalProperties?: boolean | Shape;
}

const INTRODUCTION = `# Scenario files

Made by \`scripts/reference-pages.ts\` from the schema, which editors know as [scenario.schema.json](../schema/scenario.schema.json).
A scenario is one YAML file: a question, a world, a story, and what is expected of it. Everything else has a default.

\`\`\`yaml
question: How soon has a pod its first token?
horizon: 10m
world:
  identities: [{ name: orders-id }]
  services: [{ name: orders-db, kind: sql }]
  roles: [{ to: orders-id, role: SQL DB Contributor, on: orders-db }]
  cluster:
    nodePools: [{ name: pool1, nodes: 2 }]
    podIdentity: {}
    workloads: [{ name: orders, identity: orders-id, uses: orders-db, select: { namespace: shop, deployment: orders } }]
manifests: [orders.yaml]
story:
  - { at: 5m, scale: { deployment: orders, namespace: shop, to: 5 } }
expect:
  - measure: tokens.first.p95 < 90s
\`\`\`

- Times have a unit: \`30s\`, \`5m\`, \`1h30m\`, \`250ms\`. They count from the start of the run.
- Names refer to what the file declares. \`identity:NAME.clientID\`, \`identity:NAME.resourceID\`, \`application:NAME.clientID\` and
  \`application:NAME.secret\` stand for values that only the run knows, in \`fill\` and in objects of the story.
- \`idflow validate FILE\` names everything that is wrong, each with line and column.

Below, an asterisk marks a field that must be there.
`;

const KNOBS = `# Knobs

Every number of the simulated world is a knob: a value or a distribution with a unit, a source, a confidence, and a range for stress.
\`idflow knobs\` lists them; \`idflow knobs NAME\` tells one in full. \`--set NAME=VALUE\` changes one for a run, \`parameters:\` of a world
for a scenario, in the notation in which they are listed.

## Values

| notation | meaning |
| --- | --- |
| \`45s\`, \`17\` | always that: a time with its unit, or a plain number |
| \`LN(35s, 0.26)\` | log-normal: its median, and the standard deviation of its logarithm |
| \`U(5s, 10s)\` | anything between the two, evenly |
| \`Exp(30d)\` | exponential, with that mean |
| \`Bern(0.1)\` | 1, which is yes, with that probability, else 0 |
| \`trunc(LN(35s, 0.26), 1s, 60s)\` | the same distribution, within bounds |
| \`shift(LN(1s, 0.5), 2s)\` | the same, and that much more |
| \`mix(0.98 LN(14s, 0.2), 0.02 LN(120s, 0.6))\` | one of these, chosen by weight: here the second in 2 of 100 draws; a value alone is \`const(5s)\` |
| \`TB(12, +4/min)\` | a token bucket: twelve at most, four more each minute |
| \`[2s, 6s, 14s]\` | these, one after the other |
| \`true\`, \`false\`, a word | a switch; one of the choices that \`idflow knobs NAME\` lists |

## Confidence

| letter | meaning |
| --- | --- |
| H | documented, or read in code |
| M | a documented bound, or few observations; the shape is ours |
| L | an estimate: sweep it before you build on it |

The stress range of a knob follows from this letter, unless its source gives a range.

## Sources

\`PI#n\` is issue or pull request n of Azure/aad-pod-identity; issues of other repositories are written out. \`[est]\` marks an estimate,
\`[inf]\` what follows from two sources.
`;

const EXPECT = `## expect

Each entry is one of these; a report says of each whether it held, fell, or could not be decided.

- \`always: INVARIANT\` holds at every moment of the run.
- \`eventually: CONDITION\` with \`within: TIME\` comes to hold within that time from the start. In place of a condition, a measure:
  \`{ eventually: 'tokens.first.count >= 10', within: 2h }\`.
- \`sometimes: CONDITION\` holds at some moment; a measure will do here, too.
- \`after: KEY\`, for both: what counts begins with the step of that key, its own moment included, and \`within\` is counted from it.
  A condition that held before has to cease first: \`{ eventually: micHasLeader, after: crash, within: 2m }\` asks when a MIC leads
  again. One that never ceases (those that begin with "some" never do) is undecided; an observation says \`after KEY\` itself.
- \`measure: NAME OP BOUND\` compares a number of the whole run, such as \`tokens.first.p95 < 90s\`; or an observation of facts or rows, such as
  \`max(mic-cycle-ended.took) >= 100s\` ([MEASURES.md](MEASURES.md)). Operators: \`<\`, \`<=\`, \`>\`, \`>=\`, \`==\`.
`;

/** docs/SCENARIOS.md as it should be. */
export async function scenariosPage(): Promise<string> {
  const { properties = {}, required = [] } = scenarioJsonSchema() as Shape;
  const told = new Told();
  const { world, story, incident } = properties;
  const top = Object.entries(properties).flatMap(([name, shape]) =>
    name === 'manifests'
      ? told.fieldOf([name, shape], { isNeeded: false, at: '', indent: '' })
      : [lineOf(name, shape, required.includes(name), '')],
  );
  const step = story?.items?.properties ?? {};
  const plain = new Set(['at', 'key', 'text']);
  const common = Object.entries(step).filter(([name]) => plain.has(name));
  const verbs = Object.entries(step).filter(([name]) => !plain.has(name));
  const sections = [
    INTRODUCTION,
    `## Top level\n\n${top.join('\n')}\n`,
    `## world\n\n${told.fieldsOf(world ?? {}, { at: 'world', indent: '' }).join('\n')}\n`,
    `## story\n\nA list of steps. Each has a time and exactly one verb.\n\n${common.map(([name, shape]) => lineOf(name, shape, name === 'at', '')).join('\n')}\n`,
    `### Verbs\n\n${verbs.flatMap(([name, shape]) => told.fieldOf([name, shape], { isNeeded: false, at: 'story', indent: '' })).join('\n')}\n`,
    EXPECT,
    `## Invariants\n\nFor \`always\`, and for \`idflow/testing\`. The letters in brackets are those of the properties in src/testing/properties.ts.\n\n${meanings(INVARIANT_NAMES, INVARIANTS)}\n`,
    `## Conditions\n\nFor \`eventually\` and \`sometimes\`.\n\n${meanings(CONDITION_NAMES, CONDITIONS)}\n`,
    `## incident\n\nA real incident, what was reported of it, and the runs in which it must not show. \`idflow incidents FILE --run\` re-enacts it.\n\n${told.fieldsOf(incident ?? {}, { at: 'incident', indent: '' }).join('\n')}\n`,
    `## Acts of random plans\n\nWhat \`acts:\` of \`idflow/testing\` chooses from; a plan is a scenario made of these.\n\n${meanings(Object.keys(ACTS) as (keyof typeof ACTS)[], ACTS)}\n`,
  ];
  return format(sections.join('\n'), { parser: 'markdown', printWidth: 140 });
}

/** docs/KNOBS.md as it should be. */
export async function knobsPage(): Promise<string> {
  const sources = Object.entries(sourceKeys).map(([key, source]) => `| \`${key}\` | ${source} |`);
  return format(`${KNOBS}\n| key | source |\n| --- | --- |\n${sources.join('\n')}\n`, { parser: 'markdown', printWidth: 140 });
}

interface Where {
  readonly at: string;
  readonly indent: string;
}

/** Names from which on a list is told once only. */
const MANY = 12;

/** What is left of a field whose names were told before. */
const SHORT = { enum: undefined, description: undefined, type: 'string' };

/** What was told already, so that a map that stands in two places is told once. */
class Told {
  readonly #maps = new Map<string, string>();

  /** A field with all that is in it. */
  fieldOf([name, shape]: readonly [string, Shape], { isNeeded, at, indent }: Where & { readonly isNeeded: boolean }): readonly string[] {
    const here = at === '' ? name : `${at}.${name}`;
    const [only, ...others] = mapsIn(shape);
    const known = this.#again(shape, { only, isOne: others.length === 0 }, here);
    if (known !== undefined)
      return [`${lineOf(name, { ...shape, ...(only === undefined ? SHORT : {}) }, isNeeded, indent)} As in \`${known}\`.`];
    const line = lineOf(name, shape, isNeeded, indent);
    if (only === undefined) return [line];
    const deeper = `${indent}  `;
    if (others.length === 0) return [line, ...this.fieldsOf(only, { at: here, indent: deeper })];
    return [
      line,
      ...[only, ...others].flatMap((map) => [`${deeper}- either:`, ...this.fieldsOf(map, { at: here, indent: `${deeper}  ` })]),
    ];
  }

  /** Where the same map, or the same long list of names, was told before; else notes that it is told here. */
  #again(shape: Shape, { only, isOne }: { readonly only: Shape | undefined; readonly isOne: boolean }, here: string): string | undefined {
    if (only !== undefined) return isOne ? this.#maps.get(JSON.stringify(only.properties)) : undefined;
    if ((shape.enum?.length ?? 0) < MANY) return undefined;
    const key = JSON.stringify(shape.enum);
    const known = this.#maps.get(key);
    if (known === undefined) this.#maps.set(key, here);
    return known;
  }

  /** The fields of a map. */
  fieldsOf(map: Shape, { at, indent }: Where): readonly string[] {
    const { properties = {}, required = [] } = map;
    this.#maps.set(JSON.stringify(properties), at);
    return Object.entries(properties).flatMap((field) => this.fieldOf(field, { isNeeded: required.includes(field[0]), at, indent }));
  }
}

/** The maps with named fields that a value holds: itself, those of its list, those it may be. */
function mapsIn(shape: Shape): readonly Shape[] {
  if (Object.keys(shape.properties ?? {}).length > 0) return [shape];
  if (shape.items !== undefined) return mapsIn(shape.items);
  const values = typeof shape.additionalProperties === 'object' ? mapsIn(shape.additionalProperties) : [];
  return [...(shape.anyOf ?? []).flatMap(mapsIn), ...values];
}

function lineOf(name: string, shape: Shape, isNeeded: boolean, indent: string): string {
  const about = descriptionOf(shape);
  return `${indent}- \`${name}\`${isNeeded ? '\\*' : ''} (${kindOf(shape)})${about === '' ? '' : `: ${escaped(about)}`}`;
}

/** What a field is for; of a list that says nothing, what its entries are. */
function descriptionOf({ description, items, anyOf = [] }: Shape): string {
  return description ?? items?.description ?? anyOf.find((one) => one.description !== undefined)?.description ?? '';
}

function kindOf(shape: Shape): string {
  const { type, items, pattern, minimum, maximum, properties, anyOf } = shape;
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  if (shape.enum !== undefined) return shape.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(kindOf))].join(' or ');
  if (typeof type === 'object') return type.map((one) => kindOf({ type: one })).join(' or ');
  if (type === 'array') return items === undefined ? 'list' : `list of ${plural(kindOf(items))}`;
  if (type === 'integer' || type === 'number')
    return minimum === undefined || maximum === undefined ? 'number' : `${String(minimum)} to ${String(maximum)}`;
  if (type === 'string') return pattern?.includes('[uµμ]s') === true ? 'time' : 'text';
  if (type === 'boolean') return 'true or false';
  if (type === 'null') return 'null';
  return properties === undefined || type !== undefined ? 'map' : 'anything';
}

function plural(kind: string): string {
  return ['map', 'text', 'time', 'number', 'list'].includes(kind) ? `${kind}s` : kind;
}

function meanings<K extends string>(names: readonly K[], meaning: Readonly<Record<K, string>>): string {
  return names.map((name) => `- \`${name}\`: ${escaped(meaning[name])}.`).join('\n');
}

function escaped(text: string): string {
  return text.replace(/[*_<>[\]|]/gu, '\\$&').replace(/\s+/gu, ' ');
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(path.join(DOCS, 'SCENARIOS.md'), await scenariosPage());
  writeFileSync(path.join(DOCS, 'KNOBS.md'), await knobsPage());
  writeFileSync(path.join(DOCS, 'FACTS.md'), await factsPage());
}
