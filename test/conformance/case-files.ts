/** Reads the case files of a folder: YAML, bases laid under, repeats expanded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { ConformanceCase } from './case.ts';
import { isMap, listAt, mapAt, textAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** A file and its cases. */
interface CaseFile {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}

/** The cases of a folder, and what is wrong with its files: `file:line:column: rule`, or `file: rule`. */
export interface CaseFolder {
  readonly files: readonly CaseFile[];
  readonly problems: readonly string[];
}

/** Lists that grow instead of being replaced when a case lies over its base. */
const GROWING: readonly string[] = ['objects', 'namespaces'];
const FOLDER_OF_BASES = 'base';
/** Bases that a folder does not bring are those of the copy here. */
const OWN_COPY = join(import.meta.dirname, 'cases');

/** All case files of a folder, by name, over the bases of that or another. What cannot be read is a problem, and keeps no other case from being run. */
export function readCaseFiles(folder: string, folderOfBases: string = folder): CaseFolder {
  const problems: string[] = [];
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/u.test(name));
  const files = names.sort().map((name) => ({ name, cases: readCases({ folder, folderOfBases }, name, problems) }));
  const seen = new Set<string>();
  for (const { name, cases } of files) {
    for (const { id } of cases) {
      if (seen.has(id)) problems.push(`${name}: case ${id} is there twice`);
      seen.add(id);
    }
  }
  if (files.length === 0) problems.push(`${folder}: no YAML file is in this folder`);
  return { files, problems };
}

function readCases(
  { folder, folderOfBases }: { readonly folder: string; readonly folderOfBases: string },
  name: string,
  problems: string[],
): readonly ConformanceCase[] {
  const raw = readYaml(join(folder, name), name, problems);
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) {
    problems.push(`${name}: must be a list of cases`);
    return [];
  }
  return (raw as readonly Data[]).flatMap((one, index) => {
    try {
      return [caseOf(one, folderOfBases)];
    } catch (error) {
      const id = isMap(one) && textAt(one, 'id') !== '' ? textAt(one, 'id') : `case ${String(index + 1)}`;
      problems.push(`${name}: ${id}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

/** The one document of a file; undefined, and problems, where it is none. */
function readYaml(file: string, name: string, problems: string[]): Data | undefined {
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const { message, linePos } of document.errors) {
    const [at] = linePos ?? [];
    const place = at === undefined ? '' : `:${String(at.line)}:${String(at.col)}`;
    problems.push(`${name}${place}: ${message.split('\n')[0] ?? ''}`);
  }
  return document.errors.length > 0 ? undefined : (document.toJS() as Data);
}

function caseOf(raw: Data, folder: string): ConformanceCase {
  if (!isMap(raw)) throw new Error('must be a map');
  const id = textAt(raw, 'id');
  if (id === '') throw new Error('has no id');
  for (const key of ['when', 'then', 'observed']) {
    if (raw[key] !== undefined && !(Array.isArray(raw[key]) && (raw[key] as readonly Data[]).every(isMap)))
      throw new Error(`${key} must be a list of maps`);
  }
  const own = mapAt(raw, 'given');
  const base = textAt(own, 'base');
  const given = base === '' ? own : laidOver(readBase(folder, base), own);
  const level = textAt(raw, 'level');
  return {
    id,
    level: level === 'system' || level === 'component' ? level : 'unit',
    given: expanded(given) as DataMap,
    when: expandedList(listAt(raw, 'when')).filter(isMap),
    then: expandedList(listAt(raw, 'then')).filter(isMap),
    observed: expandedList(listAt(raw, 'observed')).filter(isMap),
    isDisabled: raw['disabled'] !== undefined && raw['disabled'] !== false,
  };
}

function readBase(folder: string, name: string): DataMap {
  const file = [folder, OWN_COPY].map((from) => join(from, FOLDER_OF_BASES, `${name}.yaml`)).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`base ${name} is not there`);
  const problems: string[] = [];
  const raw = readYaml(file, `${FOLDER_OF_BASES}/${name}.yaml`, problems);
  if (problems[0] !== undefined) throw new Error(problems[0]);
  if (!isMap(raw)) throw new Error(`base ${name} must be a map`);
  return raw;
}

/** Maps merge key by key, two lists grow, everything else is replaced. */
export function laidOver(base: DataMap, own: DataMap): DataMap {
  const merged: Record<string, Data> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const old = merged[key];
    if (isMap(old) && isMap(value)) merged[key] = laidOver(old, value);
    else if (GROWING.includes(key) && Array.isArray(old) && Array.isArray(value)) {
      merged[key] = [...(old as readonly Data[]), ...(value as readonly Data[])];
    } else merged[key] = value;
  }
  return merged;
}

/** Plain data with all repeats in its lists written out. */
export function expanded(data: Data): Data {
  if (Array.isArray(data)) return expandedList(data as readonly Data[]);
  if (!isMap(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, expanded(value)]));
}

function expandedList(list: readonly Data[]): readonly Data[] {
  return list.flatMap((item): readonly Data[] => {
    if (!isMap(item) || !isMap(item['$repeat'])) return [expanded(item)];
    const repeat = item['$repeat'];
    const [from, to] = [Number(repeat['from']), Number(repeat['to'])];
    const body = item['item'] ?? null;
    return Array.from({ length: to - from + 1 }, (_, offset) =>
      expandedList([filled(body, { name: textAt(repeat, 'var'), value: from + offset })]),
    ).flat();
  });
}

interface Variable {
  readonly name: string;
  readonly value: number;
}

function filled(data: Data, variable: Variable): Data {
  if (typeof data === 'string') return filledText(data, variable);
  if (Array.isArray(data)) return (data as readonly Data[]).map((one) => filled(one, variable));
  if (!isMap(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [filledText(key, variable), filled(value, variable)]));
}

/** `${i}`, `${i%N}` and `${i+N}`. */
function filledText(text: string, { name, value }: Variable): string {
  return text.replace(/\$\{(\w+)(?:([%+])(\d+))?\}/gu, (whole, variable: string, operator?: string, operand?: string) => {
    if (variable !== name) return whole;
    if (operator === undefined || operand === undefined) return String(value);
    return String(operator === '%' ? value % Number(operand) : value + Number(operand));
  });
}
