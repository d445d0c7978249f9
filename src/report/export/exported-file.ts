/** A file of a run's folder. */

/** One file with what a reader of the folder must know about it. */
export interface ExportedFile {
  /** Path in the folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** What it is, one clause. */
  readonly what: string;
  /** What opens it. */
  readonly opens: string;
}
