/** Collects what is found on the way through one scenario. */
import type { Note, Place, Problem } from './problem.ts';
import type { Path, YamlDocument } from './text/yaml-source.ts';

/** Problems and notes so far, of all files. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly notes: Note[] = [];

  /** Adds a problem with the value at `path`. */
  problem(document: YamlDocument, path: Path, rule: string): void {
    this.problems.push(document.problem(path, rule));
  }

  /** Adds something worth knowing about the value at `path`. */
  note(document: YamlDocument, path: Path, text: string): void {
    this.notes.push({ ...document.placeOf(path), level: 'note', path: document.textOf(path), text });
  }

  /** Adds something because of which the run may not do what its author thinks. */
  warning(document: YamlDocument, path: Path, text: string): void {
    this.notes.push({ ...document.placeOf(path), level: 'warning', path: document.textOf(path), text });
  }

  /** Adds something worth knowing about a place in no readable document. */
  noteAt(place: Place, text: string): void {
    this.notes.push({ file: place.file, line: place.line, column: place.column, level: 'note', path: '', text });
  }
}
