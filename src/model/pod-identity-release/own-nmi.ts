/** What the container of an NMI says of it, beside how pod identity was installed: its mode, its release. */
import { catalogue } from '../calibration/index.ts';
import { presetKnobs } from './preset-knobs.ts';
import { isRelease } from './release.ts';
import type { Release } from './release.ts';
import type { PodIdentitySettings } from '../settings.ts';

/** A mode of NMI. */
export type OperationMode = 'standard' | 'managed';

/** What the container of an NMI says of it, where that is not how pod identity was installed. A plain tree: it stands in slices. */
export interface OwnNmi {
  readonly mode?: OperationMode;
  /** Release of its image, where that is another than the installed one. */
  readonly release?: Release;
  /** What it does about the header Metadata, in such a release. */
  readonly header?: 'required' | 'optional';
  /** Where it listens, and its rule sends packets to, in such a release. */
  readonly listenAddress?: string;
}

/**
 * Reads the container of an NMI, beside the settings of the installation.
 *
 * Simplified: where a DaemonSet of another command line replaces the first one, of its flags only `--operation-mode` counts, and in another
 * release `--metadata-header-required`; of the numbers that releases had otherwise only the address it listens at is its own.
 */
export function ownNmiOf(
  container: { readonly image: string; readonly args: readonly string[] },
  settings: PodIdentitySettings | undefined,
): OwnNmi {
  const mode = operationModeOf(container.args);
  const release = settings?.installedBy === 'builtin' ? releaseOfImage(container.image) : undefined;
  const named = mode === undefined ? {} : { mode };
  if (release === undefined || release === settings?.version) return named;
  const says = flagOf(container.args, 'metadata-header-required', 'true|false');
  const isRequired = says === undefined ? presetKnobs(release)['nmi.headerRequired'] !== 'false' : says === 'true';
  const listenAddress = String(presetKnobs(release)['nmi.listenAddress'] ?? catalogue['nmi.listenAddress'].default);
  return { ...named, release, header: isRequired ? 'required' : 'optional', listenAddress };
}

/** The mode that a command line of NMI names; undefined where it names none. */
export function operationModeOf(args: readonly string[]): OperationMode | undefined {
  const value = flagOf(args, 'operation-mode', 'standard|managed');
  return value === 'standard' || value === 'managed' ? value : undefined;
}

function flagOf(args: readonly string[], name: string, values: string): string | undefined {
  return new RegExp(`(?:^|\\n)--?${name}[=\\n](${values})(?:\\n|$)`, 'u').exec(args.join('\n'))?.[1];
}

function releaseOfImage(image: string): Release | undefined {
  const tag = /:v?(\d[\w.-]*)$/u.exec(image)?.[1] ?? '';
  return isRelease(tag) ? tag : undefined;
}
