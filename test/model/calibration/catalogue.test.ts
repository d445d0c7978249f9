/** The catalogue as data: complete, sourced, sound, and able to be pushed to both ends of its stress ranges. */
import { describe, expect, it } from 'vitest';

import { validateSampler } from '../../../src/kernel/random.ts';
import {
  catalogue,
  describeKnob,
  findKnobs,
  formatKnobDefault,
  formatStress,
  isKnobName,
  knobNames,
  resolve,
  sourceKeys,
} from '../../../src/model/calibration/index.ts';
import type { Knob } from '../../../src/model/calibration/index.ts';
import { compositeRows, singleRows } from './platform-names.ts';

const knobs: readonly Knob[] = knobNames.map((name) => catalogue[name]);

describe('the catalogue', () => {
  it('holds every row of the published table: 237 rows, two names in one of them', () => {
    const rows = [...singleRows, ...Object.keys(compositeRows)];

    expect(new Set(rows).size).toBe(238);
    expect(rows.filter((row) => !isKnobName(row) && compositeRows[row] === undefined)).toEqual([]);
    expect(
      Object.values(compositeRows)
        .flat()
        .filter((name) => !isKnobName(name)),
    ).toEqual([]);
  });

  it('lists its names once each, by code unit', () => {
    expect([...knobNames].sort()).toEqual([...new Set(knobNames)]);
    expect(Object.keys(catalogue)).toEqual(knobNames);
    for (const name of knobNames) expect(catalogue[name].name).toBe(name);
  });

  it.each(knobNames)('%s says what it is, where it comes from and how sure that is', (name) => {
    const knob: Knob = catalogue[name];

    expect(knob.what).toMatch(/^[A-Z].{12,}\.$/u);
    expect(knob.source.length).toBeGreaterThan(1);
    expect(['H', 'M', 'L']).toContain(knob.confidence);
    expect(knob.unit).not.toBe('');
    expect(describeKnob(knob).stress).toMatch(/.+ \(.+\)$/u);
  });

  it('quotes no source key that the list of sources does not explain', () => {
    const quoted = knobs.flatMap(({ source }) => source.match(/\b(?:E|A|C|KV|AKS|PI|K|CNI)-[A-Z0-9]+\b/gu) ?? []);

    expect(quoted.length).toBeGreaterThan(200);
    expect([...new Set(quoted)].filter((key) => !Object.hasOwn(sourceKeys, key))).toEqual([]);
  });

  it('explains no source key that no knob quotes', () => {
    const all = knobs.map(({ source }) => source).join(' ; ');
    const quotes = (key: string): boolean => new RegExp(`(?<![\\w-])${key}(?![\\w-])`, 'u').test(all);

    expect(Object.keys(sourceKeys).filter((key) => !quotes(key))).toEqual([]);
  });

  it('gives an estimate for every knob of low confidence, and a spread for all that are drawn or measured', () => {
    const unspread = knobs.filter(
      (knob) => knob.confidence === 'L' && knob.kind !== 'text' && formatStress(knob).low === formatStress(knob).high,
    );

    expect(unspread.map(({ name }) => name)).toEqual([]);
  });

  it('has only sound distributions, also at both ends of every stress range', () => {
    const complaints = knobs.flatMap((knob) =>
      [knob.default, knob.stress.low, knob.stress.high].flatMap((value) =>
        typeof value === 'object' && 'kind' in value ? validateSampler(value).map((rule) => `${knob.name}: ${rule}`) : [],
      ),
    );

    expect(complaints).toEqual([]);
  });

  it('accepts its own defaults and both ends of every stress range as overrides', () => {
    const refusals = knobs.flatMap((knob) =>
      [formatKnobDefault(knob), formatStress(knob).low, formatStress(knob).high].flatMap((text) => {
        const resolution = resolve({ [knob.name]: text });
        return resolution.ok ? [] : resolution.problems.map(({ rule }) => `${knob.name}=${text}: ${rule}`);
      }),
    );

    expect(refusals).toEqual([]);
  });

  it('follows only knobs that exist', () => {
    const followed = knobs.flatMap(({ follows }) => (follows === undefined ? [] : [follows]));

    expect(followed).toHaveLength(4);
    expect(followed.filter((name) => !isKnobName(name))).toEqual([]);
  });

  it('stands as pinned: a change of a default changes results and has to be meant', async () => {
    const table = knobs.map((knob) => `${knob.name} = ${formatKnobDefault(knob)} [${knob.unit}] ${knob.confidence}`).join('\n');

    await expect(`${table}\n`).toMatchFileSnapshot('./defaults.txt');
  });
});

describe('findKnobs', () => {
  it('finds by part of the name, by stars, and everything for nothing', () => {
    expect(findKnobs('MIC.Lease.ren').map(({ name }) => name)).toEqual(['mic.lease.renewDeadline']);
    expect(findKnobs('entra.*prob').map(({ name }) => name)).toEqual(['entra.token.errorProb']);
    expect(findKnobs('cni.*.*pick').map(({ name }) => name)).toEqual(['cni.azure.ipPick', 'cni.kubenet.ipPick']);
    expect(findKnobs('aba*aba')).toEqual([]);
    expect(findKnobs('')).toHaveLength(knobNames.length);
  });
});

describe('describeKnob', () => {
  it('puts a knob into words', () => {
    expect(describeKnob(catalogue['nmi.startAfterReady.cold'])).toEqual({
      name: 'nmi.startAfterReady.cold',
      default: 'trunc(LN(12 s, 0.8), 0 s, 180 s)',
      unit: 's',
      source: '[est] range p50 5–30; race PI#573',
      confidence: 'L',
      stress: 'trunc(LN(5 s, 0.8), 0 s, 75 s) … trunc(LN(30 s, 0.8), 0 s, 450 s) (source: centre 5–30)',
      what: 'Time from the ready node to the NMI process, image to be pulled.',
      whatIf: '',
    });
  });

  it('names the choices where there are any', () => {
    expect(describeKnob(catalogue['informer.listOrder']).whatIf).toBe('one of seeded, given');
  });
});
