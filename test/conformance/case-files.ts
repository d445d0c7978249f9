/** Reads the case files of a folder: YAML, bases laid under, repeats expanded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ConformanceCase } from './case.ts';
import { isMap, listAt, mapAt, textAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** A file and its cases. */
export interface CaseFile {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}

/** Lists that grow instead of being replaced when a case lies over its base. */
const GROWING: readonly string[] = ['objects', 'namespaces'];

/** All case files of a folder, by name. */
export function readCaseFiles(folder: string): readonly CaseFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ name, cases: readCases(folder, name) }));
}

function readCases(folder: string, name: string): readonly ConformanceCase[] {
  const raw = parse(readFileSync(join(folder, name), 'utf8')) as Data;
  if (!Array.isArray(raw)) throw new Error(`${name} is no list of cases`);
  return (raw as readonly Data[]).filter(isMap).map((one) => caseOf(one, folder));
}

function caseOf(raw: DataMap, folder: string): ConformanceCase {
  const own = mapAt(raw, 'given');
  const base = textAt(own, 'base');
  const given = base === '' ? own : laidOver(readBase(folder, base), own);
  const level = textAt(raw, 'level');
  return {
    id: textAt(raw, 'id'),
    level: level === 'system' || level === 'component' ? level : 'unit',
    given: expanded(given) as DataMap,
    when: expandedList(listAt(raw, 'when')).filter(isMap),
    then: expandedList(listAt(raw, 'then')).filter(isMap),
    observed: expandedList(listAt(raw, 'observed')).filter(isMap),
    isDisabled: raw['disabled'] !== undefined && raw['disabled'] !== false,
  };
}

function readBase(folder: string, name: string): DataMap {
  const file = join(folder, 'base', `${name}.yaml`);
  const raw = existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Data) : undefined;
  if (!isMap(raw)) throw new Error(`base ${name} is not there`);
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
