/**
 * Which pods were bound to which identities, now and a while ago, as the API server had it.
 *
 * Bound: a binding's selector is the pod's label, and an AzureIdentity of that name stands in the binding's namespace. What is gone is
 * kept with the moment it went, piece by piece, so that no write costs more than itself; pieces that never stood together at one moment
 * may therefore pass for a binding, never the other way round.
 */
import type { Moment } from '../../kernel/time.ts';
import type { AzureIdentity, AzureIdentityBinding, Pod } from '../../model/kubernetes.ts';
import { BINDING_LABEL, keyIn } from '../../model/kubernetes.ts';
import { isExcepted, isMic } from '../../model/nmi/exceptions.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { Run, Watcher, Write } from '../watcher.ts';

/** Something that was so until a moment. */
interface Past<T> {
  readonly value: T;
  readonly until: Moment;
}

/** Bindings, present and past. */
export class BindingHistory implements Watcher {
  readonly #run: Run;
  /** Earlier labels of pods, by UID. */
  readonly #labels = new Map<string, Past<string>[]>();
  /** Bindings that are gone or were other, by selector. */
  readonly #bindings = new Map<string, Past<AzureIdentityBinding>[]>();
  /** AzureIdentities that are gone or were other, by key. */
  readonly #identities = new Map<string, Past<AzureIdentity>[]>();

  constructor(run: Run) {
    this.#run = run;
  }

  onWrite(write: Write): void {
    const { at: until } = write.entry;
    if (write.table === 'pods') {
      const { before, after } = write.entry;
      const label = before?.metadata.labels[BINDING_LABEL];
      if (before !== undefined && label !== undefined && after !== undefined && after.metadata.labels[BINDING_LABEL] !== label)
        push(this.#labels, before.metadata.uid, { value: label, until });
    } else if (write.table === 'azureIdentityBindings') {
      const { before } = write.entry;
      if (before !== undefined) push(this.#bindings, before.spec.selector, { value: before, until });
    } else if (write.table === 'azureIdentities') {
      const { before, key } = write.entry;
      if (before !== undefined) push(this.#identities, key, { value: before, until });
    }
  }

  /** Whether NMI lets the pod ask IMDS for itself. */
  isExcepted(pod: Pod): boolean {
    const { namespace, labels } = pod.metadata;
    const settings = this.#run.table('settings').get(SETTINGS_KEY);
    const exceptions = this.#run.table('azurePodIdentityExceptions').by('namespace', namespace);
    return isExcepted(labels, exceptions) || isMic(pod, settings?.micNamespace === '' ? 'default' : (settings?.micNamespace ?? 'default'));
  }

  /** Whether the pod was bound to an identity of that client id at some moment from `since` on. */
  wasBound(pod: Pod, clientId: string, since: Moment): boolean {
    return this.#lastBound(pod, clientId, since) !== undefined;
  }

  /** Since when the pod is no longer bound to an identity of that client id; undefined if it is, or never was. */
  unboundSince(pod: Pod, clientId: string): Moment | undefined {
    const last = this.#lastBound(pod, clientId, -Infinity as Moment);
    return last === undefined || last === Infinity ? undefined : (last as Moment);
  }

  /** End of the last binding that ended at `since` or later, `Infinity` if one stands; undefined if there was none. */
  #lastBound(pod: Pod, clientId: string, since: Moment): number | undefined {
    let last: number | undefined;
    for (const label of this.#labelsOf(pod, since)) {
      for (const binding of this.#bindingsOf(label.value, since)) {
        const { namespace } = binding.value.metadata;
        if (this.#isNamespaced() && namespace !== pod.metadata.namespace) continue;
        for (const identity of this.#identitiesOf(keyIn(namespace, binding.value.spec.azureIdentity), since)) {
          if (identity.value.spec.clientID.toLowerCase() !== clientId.toLowerCase() && identity.value.spec.clientID !== '') continue;
          last = Math.max(last ?? -Infinity, Math.min(label.until, binding.until, identity.until));
        }
      }
    }
    return last;
  }

  #isNamespaced(): boolean {
    const settings = this.#run.table('settings').get(SETTINGS_KEY);
    return settings?.mode === 'managed' || settings?.forceNamespaced === 'yes';
  }

  #labelsOf(pod: Pod, since: Moment): readonly Past<string>[] {
    const label = pod.metadata.labels[BINDING_LABEL] ?? '';
    return [{ value: label, until: Infinity as Moment }, ...recent(this.#labels.get(pod.metadata.uid), since)];
  }

  #bindingsOf(label: string, since: Moment): readonly Past<AzureIdentityBinding>[] {
    const present = this.#run.table('azureIdentityBindings').by('selector', label);
    return [...present.map(standing), ...recent(this.#bindings.get(label), since)];
  }

  #identitiesOf(key: string, since: Moment): readonly Past<AzureIdentity>[] {
    const present = this.#run.table('azureIdentities').get(key);
    return [...(present === undefined ? [] : [standing(present)]), ...recent(this.#identities.get(key), since)];
  }
}

function standing<T>(value: T): Past<T> {
  return { value, until: Infinity as Moment };
}

function recent<T>(all: readonly Past<T>[] | undefined, since: Moment): readonly Past<T>[] {
  return (all ?? []).filter(({ until }) => until >= since);
}

function push<T>(into: Map<string, Past<T>[]>, key: string, past: Past<T>): void {
  const all = into.get(key);
  if (all === undefined) into.set(key, [past]);
  else all.push(past);
}
