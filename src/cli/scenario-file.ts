/**
 * Scenarios from files: finds the file behind a name, hands its text and its manifests to the loader, and turns problems into a failure.
 *
 * The paths the loader gets are those the user wrote (or `scenarios/NAME.yaml` for packaged ones), so that messages show what he typed.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { INLINE, contentHash } from '../scenarios/replay/replay-token.ts';
import { nearestNames } from '../model/calibration/suggestion.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import { formatNote, formatProblem } from '../scenarios/problem.ts';
import { compiledPath, isBuilt, readCompiled } from './compiled-scenario.ts';
import type { CompiledScenario } from './compiled-scenario.ts';
import { InputFailure } from './failure.ts';
import { incidentFiles, packagedNames, packageFolder, packageVersion } from './package-folder.ts';

/** A scenario with where it came from. */
export interface LoadedScenario {
  readonly scenario: ScenarioDescription;
  /** Name of a packaged scenario, or the path as written: what a replay token names. */
  readonly reference: string;
  /** Hash of the file and all its manifests. */
  readonly content: string;
  /** What the loader noticed, a line each; warnings apart from mere notes. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** What loading one file came to: the scenario, or all its problems, a line each. */
export type ScenarioLoading =
  { readonly ok: true; readonly loaded: LoadedScenario } | { readonly ok: false; readonly lines: readonly string[] };

/** Loads a scenario by packaged name or by path. Packaged ones come from what the build compiled, if that is up to date. */
export async function readScenario(target: string): Promise<ScenarioLoading> {
  if (target.startsWith(INLINE)) return readInline(target);
  const found = fileOf(target);
  if (!found.ok) return found;
  const compiled =
    isBuilt && found.isPackaged
      ? readCompiled(compiledPath(target), { folder: path.dirname(found.absolute), version: packageVersion() })
      : undefined;
  if (compiled !== undefined) return { ok: true, loaded: loadedOf(target, compiled) };
  const source = await readSource(found);
  return source.ok ? { ok: true, loaded: loadedOf(target, source) } : source;
}

/** A scenario that is its own reference: what a counterexample's token carries. It has no manifests beside it. */
async function readInline(target: string): Promise<ScenarioLoading> {
  const { loadScenario } = await import('../scenarios/load.ts');
  const text = target.slice(INLINE.length);
  const result = loadScenario({ path: 'inline', text, readText: () => undefined });
  if (!result.ok) return { ok: false, lines: result.problems.map(formatProblem) };
  return {
    ok: true,
    loaded: loadedOf(target, { scenario: result.scenario, content: contentHash([{ path: 'inline', text }]), notes: result.notes }),
  };
}

/** A scenario as the loader gives it, with the files it was made from. */
export type SourceReading =
  ({ readonly ok: true } & Omit<CompiledScenario, 'version'>) | { readonly ok: false; readonly lines: readonly string[] };

/** Loads a scenario from its files. The loader is heavy, so it comes only when it is needed. */
export async function readSource({ shown, absolute }: { readonly shown: string; readonly absolute: string }): Promise<SourceReading> {
  const { loadScenario } = await import('../scenarios/load.ts');
  const text = readFileSync(absolute, 'utf8');
  const files = [{ path: path.basename(absolute), text }];
  const result = loadScenario({
    path: shown,
    text,
    readText: (relative) => {
      const manifest = textOf(path.resolve(path.dirname(absolute), relative));
      if (manifest !== undefined && files.every((file) => file.path !== relative)) files.push({ path: relative, text: manifest });
      return manifest;
    },
  });
  if (!result.ok) return { ok: false, lines: result.problems.map(formatProblem) };
  return { ok: true, content: contentHash(files), files: files.map((file) => file.path), scenario: result.scenario, notes: result.notes };
}

function loadedOf(reference: string, { scenario, content, notes }: Omit<CompiledScenario, 'version' | 'files'>): LoadedScenario {
  const lines = (level: 'warning' | 'note'): readonly string[] => notes.filter((note) => note.level === level).map(formatNote);
  return { scenario, reference, content, warnings: lines('warning'), notes: lines('note') };
}

/**
 * Loads a scenario that a command needs.
 *
 * @throws InputFailure with all problems of it
 */
export async function needScenario(target: string): Promise<LoadedScenario> {
  const loading = await readScenario(target);
  if (!loading.ok) throw new InputFailure(loading.lines);
  return loading.loaded;
}

type FoundFile =
  | { readonly ok: true; readonly shown: string; readonly absolute: string; readonly isPackaged: boolean }
  | { readonly ok: false; readonly lines: readonly string[] };

/** A bare name is a packaged scenario, or an incident by its name or id; whatever has a folder or an ending is a path. */
function fileOf(target: string): FoundFile {
  const isName = /^[\w-]+$/u.test(target);
  if (isName) {
    const shown = `scenarios/${target}.yaml`;
    const absolute = path.join(packageFolder, shown);
    if (existsSync(absolute)) return { ok: true, shown, absolute, isPackaged: true };
    const incident = incidentFiles().find((file) => isNamed(path.basename(file, '.yaml'), target));
    if (incident !== undefined) return { ok: true, shown: path.relative(packageFolder, incident), absolute: incident, isPackaged: false };
    const near = nearestNames(target, packagedNames());
    const hint = near.length === 0 ? 'idflow list shows them' : `did you mean ${near.join(' or ')}?`;
    return { ok: false, lines: [`no packaged scenario is called "${target}"; ${hint}`] };
  }
  const absolute = path.resolve(target);
  if (!existsSync(absolute)) return { ok: false, lines: [`${target}:1:1 no such file`] };
  if (!statSync(absolute).isFile()) return { ok: false, lines: [`${target}:1:1 is not a file`] };
  return { ok: true, shown: target, absolute, isPackaged: false };
}

/** Whether that is the name of an incident, or the id it begins with. */
function isNamed(incident: string, target: string): boolean {
  return incident === target || (/^[A-Z]+-\d+$/u.test(target) && incident.startsWith(`${target}-`));
}

function textOf(absolute: string): string | undefined {
  return existsSync(absolute) && statSync(absolute).isFile() ? readFileSync(absolute, 'utf8') : undefined;
}
