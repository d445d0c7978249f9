/** Load: who called whom how often, what was throttled, and how long clients waited for their own rate limits. */
import type { FactOf } from '../model/facts/index.ts';
import type { LoadSection } from './document/index.ts';
import { byText, handleFact } from './watcher.ts';
import type { FactHandlers, Stamped, Watcher } from './watcher.ts';

interface Calls {
  readonly server: string;
  readonly client: string;
  readonly operation: string;
  calls: number;
  throttled: number;
  conflicts: number;
  failed: number;
}

interface Waits {
  readonly client: string;
  readonly bucket: string;
  count: number;
  totalUs: number;
  maxUs: number;
}

/** Sums over all clients and operations. */
interface Totals {
  armCalls: number;
  armPatches: number;
  armThrottled: number;
  imdsCalls: number;
  imdsThrottled: number;
  aadTokens: number;
  apiCalls: number;
  micCycles: number;
  micLeaderChanges: number;
}

/** Operations that write the identities of a machine; the commands of a person do it behind the scenes, early releases of MIC by PUT. */
const PATCHES: ReadonlySet<string> = new Set(['patchIdentity', 'putIdentities', 'assignIdentity', 'unassignIdentity', 'setSystemAssigned']);

/** Calls and throttling. */
export class Load implements Watcher {
  readonly totals: Totals = {
    armCalls: 0,
    armPatches: 0,
    armThrottled: 0,
    imdsCalls: 0,
    imdsThrottled: 0,
    aadTokens: 0,
    apiCalls: 0,
    micCycles: 0,
    micLeaderChanges: 0,
  };
  readonly #calls = new Map<string, Calls>();
  readonly #waits = new Map<string, Waits>();
  readonly #handlers: FactHandlers<unknown> = {
    'arm-answered': (fact) => this.#onArm(fact),
    'api-answered': ({ client, verb, kind, status }) => {
      this.totals.apiCalls += 1;
      this.#add('kube-apiserver', { client: kindOf(client), operation: `${verb} ${kind}`, status });
    },
    'nmi-answered': ({ status }) => this.#add('nmi', { client: 'pod', operation: 'token', status }),
    'imds-answered': ({ status, isCached }) => {
      this.totals.imdsCalls += 1;
      if (status === 429) this.totals.imdsThrottled += 1;
      this.#add('imds', { client: 'all', operation: isCached ? 'token, cached' : 'token', status });
    },
    'aad-token-issued': () => {
      this.totals.aadTokens += 1;
      this.#add('aad', { client: 'imds', operation: 'token', status: 200 });
    },
    'aad-token-refused': () => this.#add('aad', { client: 'imds', operation: 'token', status: 400 }),
    'service-answered': ({ service, operation, status }) => this.#add(service, { client: 'pod', operation, status }),
    'service-challenged': ({ service, operation }) => this.#add(service, { client: 'pod', operation, status: 401 }),
    'client-throttled': (fact) => this.#onWait(fact),
    'mic-cycle-started': () => {
      this.totals.micCycles += 1;
    },
    'mic-leading': ({ replica }) => {
      if (this.#leader !== '' && this.#leader !== replica) this.totals.micLeaderChanges += 1;
      this.#leader = replica;
    },
  };
  #leader = '';

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  section(): LoadSection {
    return {
      calls: [...this.#calls.values()].sort(
        (a, b) => byText(a.server, b.server) || byText(a.client, b.client) || byText(a.operation, b.operation),
      ),
      waits: [...this.#waits.values()].sort((a, b) => byText(a.client, b.client) || byText(a.bucket, b.bucket)),
      totals: { ...this.totals },
    };
  }

  #onArm(fact: FactOf<'arm-answered'>): void {
    this.totals.armCalls += 1;
    if (PATCHES.has(fact.op)) this.totals.armPatches += 1;
    if (fact.status === 429) this.totals.armThrottled += 1;
    this.#add('arm', { client: kindOf(fact.client), operation: fact.op, status: fact.status });
  }

  #onWait(fact: FactOf<'client-throttled'>): void {
    const client = kindOf(fact.client);
    const key = `${client}|${fact.bucket}`;
    const waits = this.#waits.get(key) ?? { client, bucket: fact.bucket, count: 0, totalUs: 0, maxUs: 0 };
    waits.count += 1;
    waits.totalUs += fact.waited;
    waits.maxUs = Math.max(waits.maxUs, fact.waited);
    this.#waits.set(key, waits);
  }

  #add(server: string, call: { readonly client: string; readonly operation: string; readonly status: number }): void {
    const { client, operation, status } = call;
    const key = `${server}|${client}|${operation}`;
    const calls = this.#calls.get(key) ?? { server, client, operation, calls: 0, throttled: 0, conflicts: 0, failed: 0 };
    calls.calls += 1;
    if (status === 429) calls.throttled += 1;
    else if (status === 409 || status === 412) calls.conflicts += 1;
    else if (status >= 400 || status <= 0) calls.failed += 1;
    this.#calls.set(key, calls);
  }
}

/** Kind of an actor by its id: what stands before the first `/`. */
function kindOf(client: string): string {
  const slash = client.indexOf('/');
  return slash < 0 ? client : client.slice(0, slash);
}
