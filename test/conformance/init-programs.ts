/**
 * What the init containers of a case run: each `az login --identity` as a token client, one after the other. Any other command just takes
 * its time.
 */
import { ZERO } from '../../src/kernel/time.ts';
import type { WorkloadRow } from '../../src/model/workload.ts';
import { isMap, listAt, mapAt, textAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** The audience `az login` asks a token for. */
const MANAGEMENT = 'https://management.azure.com/';

/** The programs of the pods that a step applies, as applications that end with their first token. */
export function initPrograms(step: DataMap): readonly WorkloadRow[] {
  return listAt(step, 'apply')
    .filter(isMap)
    .filter((manifest) => manifest['kind'] === 'Pod')
    .flatMap((pod) =>
      listAt(mapAt(pod, 'spec'), 'initContainers')
        .filter(isMap)
        .flatMap((container) => programOf(pod, container)),
    );
}

function programOf(pod: DataMap, container: DataMap): readonly WorkloadRow[] {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')]
    .map(String)
    .join(' ')
    .split(/\s+|&&|;/u);
  const [name, init] = [textAt(mapAt(pod, 'metadata'), 'name'), textAt(container, 'name')];
  const namespace = textAt(mapAt(pod, 'metadata'), 'namespace') || 'default';
  const select = { namespace, pod: name, initContainer: init, labels: {} };
  const common = { select, client: 'azCli', resource: MANAGEMENT, service: '', every: ZERO };
  return loginsIn(words).map((clientId, at) => ({ ...common, name: `${namespace}/${name}/${init}/${String(at)}`, clientId }));
}

/** Client id of each `az login --identity`; `''`: it names none. */
function loginsIn(words: readonly string[]): readonly string[] {
  return words.flatMap((word, at) => {
    if (word !== 'login' || words[at - 1] !== 'az') return [];
    const end = words.indexOf('az', at);
    const own = words.slice(at + 1, end < 0 ? undefined : end);
    if (!own.includes('--identity') && !own.includes('-i')) return [];
    const user = own.findIndex((option) => option === '-u' || option === '--username');
    return [user < 0 ? '' : (own[user + 1] ?? '')];
  });
}
