/** An NMI runs in the mode of its own command line and as the release of its own image, so that another DaemonSet can replace the first one. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Fact } from '../../../src/model/facts/index.ts';
import { operationModeOf, ownNmiOf } from '../../../src/model/pod-identity-release/own-nmi.ts';
import { settingsWithoutFlags } from '../../../src/model/settings.ts';
import { described, problemsOf } from '../../scenarios/loading.ts';
import { worldOf } from '../../support/packaged.ts';

describe('operationModeOf', () => {
  it.each([
    [['--node=x', '--operation-mode=managed'], 'managed'],
    [['-operation-mode=standard'], 'standard'],
    [['--operation-mode', 'managed', '--node=x'], 'managed'],
    [['--node=x'], undefined],
    [['--not-operation-mode=managed'], undefined],
  ] as const)('of %j is %s', (args, mode) => {
    expect(operationModeOf(args)).toBe(mode);
  });
});

describe('ownNmiOf', () => {
  const settings = {
    ...settingsWithoutFlags({ mode: 'standard', version: '1.7.4', resourceGroup: 'g', subscription: 's', network: 'azure' }),
    installedBy: 'builtin' as const,
  };

  it.each([
    ['nmi:v1.7.4', [], {}],
    ['nmi:v1.8.3', [], { release: '1.8.3', header: 'optional', listenAddress: '127.0.0.1:2579' }],
    ['nmi:1.8.4', [], { release: '1.8.4', header: 'required', listenAddress: '127.0.0.1:2579' }],
    ['nmi:v1.8.4', ['--metadata-header-required=false'], { release: '1.8.4', header: 'optional', listenAddress: '127.0.0.1:2579' }],
    ['nmi:v1.6.1', [], { release: '1.6.1', header: 'optional', listenAddress: 'HOST_IP:2579' }],
    ['nmi:v1.8.17-next', ['--operation-mode=managed'], { mode: 'managed' }],
  ] as const)('of %s %j is what departs from the installed release', (image, args, own) => {
    expect(ownNmiOf({ image, args }, settings)).toEqual(own);
  });

  it('knows no release of its own where manifests brought pod identity, or nobody did', () => {
    const byManifests = settingsWithoutFlags({
      mode: 'standard',
      version: '1.7.4',
      resourceGroup: 'g',
      subscription: 's',
      network: 'azure',
    });
    expect(ownNmiOf({ image: 'nmi:v1.8.4', args: [] }, byManifests)).toEqual({});
    expect(ownNmiOf({ image: 'nmi:v1.8.4', args: [] }, undefined)).toEqual({});
  });
});

const NMI = (args: readonly string[]): object => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'nmi', namespace: 'default' },
  spec: {
    selector: { matchLabels: { component: 'nmi' } },
    template: {
      metadata: { labels: { component: 'nmi' } },
      spec: { hostNetwork: true, containers: [{ name: 'nmi', image: 'mcr.example/nmi:v1.8.17', args }] },
    },
  },
});

/** A pod with a binding, in a cluster whose MIC is gone, asks an NMI that was put there at five minutes. */
function textOf(args: readonly string[], install: 'builtin' | 'unsaid' = 'builtin'): string {
  const labels = { app: 'shop', aadpodidbinding: 'shop' };
  const v1 = { apiVersion: 'aadpodidentity.k8s.io/v1' };
  const identity = { type: 0, resourceID: 'identity:shop-id.resourceID', clientID: 'identity:shop-id.clientID' };
  return stringify({
    question: 'Who serves a pod that MIC has never seen?',
    group: 'migration',
    horizon: '15m',
    world: {
      identities: [{ name: 'shop-id' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1, identities: ['shop-id'] }],
        podIdentity: install === 'unsaid' ? {} : { install },
        workloads: [{ name: 'shop', client: 'naive', identity: 'shop-id', resource: 'https://vault.azure.net', select: { pod: 'shop' } }],
      },
    },
    story: [
      { at: '1m', delete: ['Deployment/mic'] },
      { at: '5m', apply: [NMI(args)] },
      {
        at: '10m',
        apply: [
          { ...v1, kind: 'AzureIdentity', metadata: { name: 'shop' }, spec: identity },
          { ...v1, kind: 'AzureIdentityBinding', metadata: { name: 'shop' }, spec: { azureIdentity: 'shop', selector: 'shop' } },
          { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop', labels }, spec: { containers: [{ name: 'shop', image: 'shop:1' }] } },
        ],
      },
    ],
  });
}

/** What NMI answers in the end; while the address of the pod is on its way it answers 500. */
function lastStatus(args: readonly string[], change = (text: string): string => text): number | undefined {
  const world = worldOf(described(change(textOf(args))));
  const found: number[] = [];
  world.observe({
    onFact: ({ fact }: { readonly fact: Fact }) => {
      if (fact.type === 'nmi-answered') found.push(fact.status);
    },
  });
  world.run({});
  return found.at(-1);
}

describe('an NMI that the story puts in the place of the first', () => {
  it('serves by the binding alone where its command line says managed', () => {
    expect(lastStatus(['--node=$(NODE_NAME)', '--operation-mode=managed', '--forceNamespaced'])).toBe(200);
  });

  it('waits for an AzureAssignedIdentity that nobody writes where it does not', () => {
    expect(lastStatus(['--node=$(NODE_NAME)'])).toBe(404);
  });

  it('has its rule send packets to where its release listens, which is what a network policy sees', () => {
    const managed = ['--node=$(NODE_NAME)', '--operation-mode=managed', '--forceNamespaced'];
    const barred = (image: string) => (text: string) =>
      text
        .replace('nmi:v1.8.17', image)
        .replace('    start: settled', "    start: settled\n    egress: [{ namespace: default, allow: ['HOST_IP:2579'] }]");
    expect(lastStatus(managed, barred('nmi:v1.6.1'))).toBe(200);
    expect(lastStatus(managed, barred('nmi:v1.6.2'))).toBeUndefined();
  });

  it('says which release it is where that is another one', () => {
    const started = (image: string): readonly (string | undefined)[] => {
      const world = worldOf(described(textOf([]).replace('nmi:v1.8.17', image)));
      const found: (string | undefined)[] = [];
      world.observe({
        onFact: ({ fact }: { readonly fact: Fact }) => {
          if (fact.type === 'nmi-phase' && fact.phase === 'starting') found.push(fact.release);
        },
      });
      world.run({});
      return found;
    };
    expect(started('nmi:v1.8.3')).toEqual(['1.8.3']);
    expect(started('nmi:v1.8.17')).toEqual([undefined]);
  });

  it('is the installation itself, in its mode, where the scenario does not say builtin', () => {
    expect(problemsOf(textOf(['--operation-mode=managed'], 'builtin'))).toEqual([]);
    expect(described(textOf(['--operation-mode=managed', '--forceNamespaced'], 'unsaid')).cluster?.podIdentity?.settings.mode).toBe(
      'managed',
    );
    expect(described(textOf(['--operation-mode=managed', '--forceNamespaced'])).cluster?.podIdentity?.settings.mode).toBe('standard');
  });
});
