/** Which containers may open raw sockets. */
import { expect, it } from 'vitest';
import { mayUseRawSockets } from '../../src/model/spoofing.ts';

it.each([
  ['a container of which nothing is said', {}, true],
  ['one that drops NET_RAW', { capabilities: { add: [], drop: ['NET_RAW'] } }, false],
  ['one that drops all', { capabilities: { add: [], drop: ['ALL'] } }, false],
  ['one that drops all and adds NET_RAW', { capabilities: { add: ['NET_RAW'], drop: ['ALL'] } }, true],
  ['one that drops something else', { capabilities: { add: [], drop: ['SYS_ADMIN'] } }, true],
])('%s: %o, %s', (_what, container, may) => {
  expect(mayUseRawSockets(container)).toBe(may);
});
