/** Every kind of actor of the identity flow: the one list that a new actor is added to. */
import { aad } from '../../actors/aad/index.ts';
import { aks } from '../../actors/aks/index.ts';
import { azwiProxy } from '../../actors/azwi-proxy.ts';
import { armClient } from '../../actors/arm-client.ts';
import { arm } from '../../actors/arm/index.ts';
import { clusterAutoscaler } from '../../actors/cluster-autoscaler/index.ts';
import { controllerManager } from '../../actors/controller-manager/index.ts';
import { imds } from '../../actors/imds/index.ts';
import { iptables } from '../../actors/iptables/index.ts';
import { kubeApiserver } from '../../actors/kube-apiserver/index.ts';
import { kubelet } from '../../actors/kubelet/index.ts';
import { mic } from '../../actors/mic/index.ts';
import { nmi } from '../../actors/nmi/index.ts';
import { oidcIssuer } from '../../actors/oidc-issuer.ts';
import { operator } from '../../actors/operator/index.ts';
import { pod } from '../../actors/pod/index.ts';
import { reboot } from '../../actors/reboot.ts';
import { scheduler } from '../../actors/scheduler.ts';
import { targetService } from '../../actors/target-service/index.ts';
import { vmss } from '../../actors/vmss.ts';
import { volumePlugin } from '../../actors/volume-plugin/index.ts';
import type { AnyActorDefinition } from '../../kernel/actor.ts';
import type { Identity } from '../../model/vocabulary.ts';

/** Definitions by which worlds are assembled. */
export const ACTORS: readonly AnyActorDefinition<Identity>[] = [
  aad,
  aks,
  arm,
  armClient,
  azwiProxy,
  clusterAutoscaler,
  controllerManager,
  imds,
  iptables,
  kubeApiserver,
  kubelet,
  mic,
  nmi,
  oidcIssuer,
  operator,
  pod,
  reboot,
  scheduler,
  targetService,
  vmss,
  volumePlugin,
];
