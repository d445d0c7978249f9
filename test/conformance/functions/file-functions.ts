/** Functions of the file watcher (pkg/filewatcher), on the rule by which MIC sees its cloud configuration written. */
import { isNoticed } from '../../../src/model/file-watch.ts';
import { mismatch } from '../case.ts';
import { matches } from '../matching.ts';
import { textAt } from '../stage/objects.ts';
import type { DataMap } from '../stage/objects.ts';
import type { CaseFunction } from './stage.ts';

/** The watcher of a case: the files it was given, and what it told of. */
export class FileWatch {
  readonly watched: string[] = [];
  readonly notices: { readonly file: string }[] = [];
}

/** By name. */
export const FILE_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'filewatch.start': () => undefined,
  'filewatch.add': (args, { files }) => void files.watched.push(textAt(args, 'file')),
  'filewatch.write': (args, { files }) => {
    const file = textAt(args, 'file');
    if (isNoticed(files.watched, { file, how: 'write' })) files.notices.push({ file });
    return undefined;
  },
};

/** The assertion `notifications`. */
export function checkNotices({ count, atLeast, first }: DataMap, { notices }: FileWatch): void {
  if (typeof count === 'number' && notices.length !== count) mismatch('notifications', count, notices.length);
  if (typeof atLeast === 'number' && notices.length < atLeast) mismatch('least notifications', atLeast, notices.length);
  if (first !== undefined && !matches(first, notices[0], { versionOf: () => undefined })) mismatch('first notification', first, notices[0]);
}
