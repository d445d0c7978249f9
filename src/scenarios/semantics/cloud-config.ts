/** Resolves azure.json: what it says at the start, and the steps that put another in place. */
import type { CloudConfig } from '../../model/settings.ts';
import type { StepAction } from '../description.ts';
import type { StepSource } from '../schema/story-schema.ts';
import type { CloudConfigSource } from '../schema/world-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import type { ManifestReader } from './manifest-reader.ts';

/** The file as MIC reads it. Fields may refer to applications and identities of the scenario, as those of manifests may. */
export function cloudConfigOf(manifests: ManifestReader, source: CloudConfigSource, path: Path): CloudConfig {
  const field = (name: keyof CloudConfig): string => {
    const text = source[name];
    return text === undefined ? '' : manifests.reference(text, [...path, name]);
  };
  return {
    userAssignedIdentityID: field('userAssignedIdentityID'),
    clientID: field('clientID'),
    clientSecret: field('clientSecret'),
  };
}

/** The action of a step that puts another azure.json in place; undefined for other verbs. */
export function cloudConfigAction(source: StepSource, path: Path, manifests: ManifestReader): StepAction | undefined {
  const { rewriteCloudConfig } = source;
  if (rewriteCloudConfig === undefined) return undefined;
  const { how = 'write', ...fields } = rewriteCloudConfig;
  return { verb: 'rewriteCloudConfig', config: cloudConfigOf(manifests, fields, [...path, 'rewriteCloudConfig']), how };
}
