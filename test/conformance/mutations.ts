/** Cases with one expected value changed: a runner that passes such a case looks at nothing. */
import type { ConformanceCase } from './case.ts';
import { isMap } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** A changed case and what was changed in it. */
export interface Mutant {
  readonly what: string;
  readonly mutant: ConformanceCase;
}

/** Words that say where to look, not what to see; and bounds, which a change towards the loose side leaves true. */
const PLACES: readonly string[] = [
  'of',
  'at',
  'from',
  'to',
  'kind',
  'roundTo',
  'ordered',
  'ignoreCase',
  'node',
  'nth',
  'loop',
  'component',
  'state',
];
const LOWER_BOUNDS: readonly string[] = ['atLeast', 'minSeconds', 'min'];
const UPPER_BOUNDS: readonly string[] = ['maxSeconds', 'max'];
/** Beyond every bound. */
const FAR = 1e9;

/** Every way to change one expected value of `then`. */
export function mutantsOf(one: ConformanceCase): readonly Mutant[] {
  return one.then.flatMap((item, index) =>
    changed(item, `then[${String(index)}]`).map(({ what, value }) => ({
      what: `${one.id}: ${what}`,
      mutant: { ...one, observed: [], then: one.then.map((other, place) => (place === index ? (value as DataMap) : other)) },
    })),
  );
}

interface Change {
  readonly what: string;
  readonly value: Data;
}

function changed(data: Data, path: string): readonly Change[] {
  if (Array.isArray(data)) return changedList(data as readonly Data[], path);
  if (!isMap(data)) return changedWord(data, path);
  return Object.entries(data).flatMap(([key, value]): readonly Change[] => {
    if (PLACES.includes(key) || isReference(value)) return [];
    if (LOWER_BOUNDS.includes(key)) return [{ what: `${path}.${key}`, value: { ...data, [key]: FAR } }];
    if (UPPER_BOUNDS.includes(key)) return [{ what: `${path}.${key}`, value: { ...data, [key]: -FAR } }];
    // An empty map or none is the whole value of a result.
    const whole = key === 'value' && (value === null || (isMap(value) && Object.keys(value).length === 0));
    const changes = whole ? [{ what: `${path}.${key}`, value: 'another' }] : changed(value, `${path}.${key}`);
    return changes.map(({ what, value: other }) => ({ what, value: { ...data, [key]: other } }));
  });
}

function changedList(list: readonly Data[], path: string): readonly Change[] {
  const more: Change = { what: `${path} with one more`, value: [...list, 'another'] };
  const isPatterns = list.some(isMap);
  const items = list.flatMap((item, index) =>
    changed(item, `${path}[${String(index)}]`).map(({ what, value }) => ({
      what,
      value: list.map((other, at) => (at === index ? value : other)),
    })),
  );
  return isPatterns || path.endsWith('.absent') ? items : [more, ...items];
}

function changedWord(word: Data, path: string): readonly Change[] {
  if (typeof word === 'number') return [{ what: path, value: word + FAR }];
  if (typeof word === 'boolean') return [{ what: path, value: !word }];
  // What must be absent is absent under another name as well.
  if (path.includes('.absent')) return [];
  return typeof word === 'string' ? [{ what: path, value: `${word}-another` }] : [];
}

function isReference(value: Data): boolean {
  return isMap(value) && ('$currentResourceVersionOf' in value || ('kind' in value && 'name' in value && Object.keys(value).length === 2));
}
