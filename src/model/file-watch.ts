/** Which changes of files a process is told of. Follows pkg/filewatcher of aad-pod-identity v1.8.17, on fsnotify. */

/** A change of a file: its contents written, or another file renamed into its place. */
export interface FileChange {
  readonly file: string;
  readonly how: 'write' | 'rename';
}

/** Whether a watcher tells of a change. Faithful: only of writes, and only of files that it was given before. */
export function isNoticed(watched: readonly string[], { file, how }: FileChange): boolean {
  return how === 'write' && watched.includes(file);
}
