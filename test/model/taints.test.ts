/** Taints: what keeps a pod away, what drives it out, and how they are written. */
import { describe, expect, test } from 'vitest';
import type { Taint, Toleration } from '../../src/model/kubernetes.ts';
import { isAdmittedBy, isDrivenOutBy, parseTaint, parseTaintName, withTaints } from '../../src/model/taints.ts';
import { podSpec } from '../support/cluster.ts';

const taint = (effect: Taint['effect']): readonly Taint[] => [{ key: 'gpu', value: 'yes', effect }];
const bearing = (toleration: Partial<Toleration>) =>
  podSpec(undefined, { tolerations: [{ key: 'gpu', operator: 'Equal', value: 'yes', effect: '', ...toleration }] });

describe('a taint', () => {
  test('is written key=value:Effect or key:Effect, and nothing else', () => {
    expect(parseTaint('gpu=yes:NoSchedule')).toEqual({ key: 'gpu', value: 'yes', effect: 'NoSchedule' });
    expect(parseTaint('gpu:NoExecute')).toEqual({ key: 'gpu', value: '', effect: 'NoExecute' });
    for (const text of ['gpu', 'gpu=yes', 'gpu:Never', ':NoSchedule']) expect(parseTaint(text)).toBeUndefined();
  });

  test('keeps away whoever does not bear its key, value and effect', () => {
    expect(isAdmittedBy(taint('NoSchedule'), podSpec())).toBe(false);
    expect(isAdmittedBy(taint('PreferNoSchedule'), podSpec())).toBe(true);
    expect(isAdmittedBy(taint('NoSchedule'), bearing({}))).toBe(true);
    expect(isAdmittedBy(taint('NoSchedule'), bearing({ value: 'no' }))).toBe(false);
    expect(isAdmittedBy(taint('NoSchedule'), bearing({ operator: 'Exists', value: '' }))).toBe(true);
    expect(isAdmittedBy(taint('NoSchedule'), bearing({ effect: 'NoExecute' }))).toBe(false);
    expect(isAdmittedBy(taint('NoSchedule'), bearing({ key: '', operator: 'Exists' }))).toBe(true);
    expect(isAdmittedBy(taint('NoSchedule'), podSpec(undefined, { toleratesAll: true }))).toBe(true);
  });

  test('drives out only with NoExecute', () => {
    expect(isDrivenOutBy(taint('NoSchedule'), podSpec())).toBe(false);
    expect(isDrivenOutBy(taint('NoExecute'), podSpec())).toBe(true);
    expect(isDrivenOutBy(taint('NoExecute'), bearing({}))).toBe(false);
  });
});

describe('a change of taints', () => {
  const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const;
  const spot = { key: 'spot', value: '', effect: 'NoExecute' } as const;

  test('replaces one of the same key and effect, and takes off by key, or by key and effect', () => {
    expect(withTaints([gpu], { add: [{ ...gpu, value: 'no' }, spot], remove: [] })).toEqual([{ ...gpu, value: 'no' }, spot]);
    expect(withTaints([gpu, spot], { add: [], remove: [{ key: 'gpu', effect: '' }] })).toEqual([spot]);
    expect(withTaints([gpu, spot], { add: [], remove: [{ key: 'spot', effect: 'NoSchedule' }] })).toEqual([gpu, spot]);
  });

  test('is named by key and effect, never by a value', () => {
    expect(parseTaintName('gpu:NoSchedule')).toEqual({ key: 'gpu', effect: 'NoSchedule' });
    expect(parseTaintName('gpu')).toEqual({ key: 'gpu', effect: '' });
    for (const text of ['gpu=yes:NoSchedule', 'gpu:Never', '']) expect(parseTaintName(text)).toBeUndefined();
  });
});
