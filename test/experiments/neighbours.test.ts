/** Pods that try to get at what is not theirs, by a neighbour's address or an odd path; and pods that a network policy keeps in. */
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/experiments/run.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { described, notesOf, problemsOf, scenarioText } from '../scenarios/loading.ts';

interface Town {
  readonly network?: string;
  readonly networkPolicy?: string;
  readonly version?: string;
  readonly capabilities?: object;
  readonly thief?: object;
  readonly egress?: object;
}

const RESOURCE = 'identity:shop-id.resourceID';
const deployment = (name: string, labels: object, container: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name, ...labels } }, spec: { containers: [{ name: 'app', image: 'app:1', ...container }] } },
  },
});

/** A shop with an identity, and beside it on its node somebody without one. */
function town({ network = 'azure', networkPolicy, version = '1.6.3', capabilities, thief = {}, egress }: Town): string {
  const container = capabilities === undefined ? {} : { securityContext: { capabilities } };
  const workload = (name: string): object => ({ name, client: 'naive', identity: 'shop-id', uses: 'vault', select: { deployment: name } });
  return scenarioText({
    world: { identities: [{ name: 'shop-id' }], services: [{ name: 'vault', kind: 'keyVault' }] },
    cluster: {
      network,
      ...(networkPolicy === undefined ? {} : { networkPolicy }),
      start: 'settled',
      nodePools: [{ name: 'pool1', nodes: 1 }],
      podIdentity: { version },
      workloads: [workload('shop'), { ...workload('thief'), ...thief }],
      ...(egress === undefined ? {} : { egress }),
    },
    rest: {
      horizon: '1m',
      story: [
        {
          at: '0s',
          apply: [
            {
              apiVersion: 'aadpodidentity.k8s.io/v1',
              kind: 'AzureIdentity',
              metadata: { name: 'shop' },
              spec: { type: 0, resourceID: RESOURCE, clientID: 'identity:shop-id.clientID' },
            },
            {
              apiVersion: 'aadpodidentity.k8s.io/v1',
              kind: 'AzureIdentityBinding',
              metadata: { name: 'shop' },
              spec: { azureIdentity: 'shop', selector: 'shop' },
            },
            deployment('shop', { aadpodidbinding: 'shop' }),
            deployment('thief', {}, container),
          ],
        },
      ],
    },
  });
}

function factsOf(text: string): readonly Fact[] {
  const facts: Fact[] = [];
  runScenario({ scenario: described(text), observers: [{ onFact: ({ fact }) => facts.push(fact) }] });
  return facts;
}

/** What became of the first request of the thief: whom NMI took it for, and its status. */
function fateOf(of: Town): { readonly takenFor: string; readonly status: number } {
  const facts = factsOf(town(of));
  const resolved = facts.find((fact) => fact.type === 'nmi-resolved' && fact.sender.startsWith('default/thief'));
  const tried = facts.find((fact) => fact.type === 'token-try-ended' && fact.pod.startsWith('default/thief'));
  return {
    takenFor: resolved?.type === 'nmi-resolved' ? resolved.resolved.replace(/^default\/(\w+)-.*/u, '$1') : '',
    status: tried?.type === 'token-try-ended' ? tried.status : NaN,
  };
}

describe('a pod that speaks with the address of its neighbour', () => {
  const spoofs = { spoofs: 'shop' };

  it('is taken for it on kubenet, and gets its token', () => {
    expect(fateOf({ network: 'kubenet', thief: spoofs })).toEqual({ takenFor: 'shop', status: 200 });
  });

  it('is known for what it is without NET_RAW, and on Azure CNI', () => {
    expect(fateOf({ network: 'kubenet', thief: spoofs, capabilities: { drop: ['NET_RAW'] } }).takenFor).not.toBe('shop');
    expect(fateOf({ thief: spoofs }).takenFor).not.toBe('shop');
  });

  it('is taken for it since 1.7.0 as well where Calico hides kubenet from the guard', () => {
    const hidden: Town = { network: 'kubenet', networkPolicy: 'calico', version: '1.8.17', thief: spoofs };
    expect(fateOf(hidden)).toEqual({ takenFor: 'shop', status: 200 });
  });

  it('is warned of by the loader where NMI does not start, and only there', () => {
    const warned = (version: string): boolean =>
      notesOf(town({ network: 'kubenet', version }))
        .join()
        .includes('NMI ends at once');
    expect([warned('1.6.3'), warned('1.7.0')]).toEqual([false, true]);
  });

  it('finds no NMI since 1.7.0, not even one that was there before', () => {
    expect(fateOf({ network: 'kubenet', version: '1.7.0', thief: spoofs }).takenFor).toBe('');
  });

  it('has to name an application that there is', () => {
    expect(problemsOf(town({ thief: { spoofs: 'shopp' } })).join()).toContain('did you mean shop');
  });
});

describe('a token request on an odd path', () => {
  const path = (text: string): Town => ({ thief: { path: text } });
  const slash = path('/metadata/identity\\oauth2\\token/');
  const upper = path('/METADATA/identity/oauth2/token');

  it('passes by the identity check through back-slashes before 1.8.13, and is refused since', () => {
    expect(fateOf({ ...slash, version: '1.8.12' })).toEqual({ takenFor: '', status: 200 });
    expect(fateOf({ ...slash, version: '1.8.13' }).status).toBe(400);
  });

  it('did so in capitals before 1.7.5, and is a token request like any other since', () => {
    expect(fateOf({ ...upper, version: '1.7.4' }).status).toBe(200);
    expect(fateOf({ ...upper, version: '1.7.5' }).status).not.toBe(200);
  });
});

describe('a network policy that allows the address at which NMI listened before 1.6.2', () => {
  const routed = (version: string, allow: readonly string[]): readonly string[] => {
    const facts = factsOf(town({ version, egress: [{ namespace: 'default', allow }] }));
    return [
      ...new Set(facts.flatMap((fact) => (fact.type === 'connection-routed' && fact.pod.startsWith('default/shop') ? [fact.to] : []))),
    ];
  };

  it('lets requests through to it, and drops those to the loopback since', () => {
    expect(routed('1.6.1', ['HOST_IP:2579'])).toEqual(['nmi']);
    expect(routed('1.6.2', ['HOST_IP:2579'])).toEqual(['dropped']);
    expect(routed('1.6.2', ['127.0.0.1:2579'])).toEqual(['nmi']);
  });

  it('wants addresses with a port', () => {
    expect(problemsOf(town({ egress: [{ namespace: 'default', allow: ['nmi'] }] })).join()).toContain('must be address:port');
  });
});
