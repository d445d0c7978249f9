/** NMI's guard against kubenet reads one text. */
import { expect, test } from 'vitest';
import { isKubenet, kubeletFileOf } from '../../../src/model/nmi/kubenet-guard.ts';

test.each([
  ['KUBELET_FLAGS=--max-pods=110 --network-plugin=kubenet --v=2', true],
  ['KUBELET_FLAGS=--max-pods=110 --network-plugin=cni --v=2', false],
  ['KUBELET_FLAGS=--max-pods=110', false],
  [kubeletFileOf({ network: 'kubenet' }), true],
  [kubeletFileOf({ network: 'kubenet', networkPolicy: 'calico' }), false],
  [kubeletFileOf({ network: 'azure' }), false],
])('of %s it thinks kubenet: %s', (file, expected) => {
  expect(isKubenet(file)).toBe(expected);
});
