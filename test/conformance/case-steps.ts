/** The steps of a case. What takes no time is gathered into one batch, so that no cycle sees half of it. */
import { dropObject, isCaseKind, MIC, putObject, spawnMic } from './stage/control-plane.ts';
import type { ControlPlane } from './stage/control-plane.ts';
import type { Turn } from '../../src/model/vocabulary.ts';
import { checkWorld } from './assertions.ts';
import { Mismatch, NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import { CaseFaults, existingIdentities } from './case-faults.ts';
import { buildWorld } from './case-world.ts';
import { CloudClient } from './cloud-client.ts';
import { changeCloud } from './differential/arm-change.ts';
import { CallFailure, ExactMap } from './functions/stage.ts';
import type { IdentityBlock } from './functions/stage.ts';
import { sendRequest } from './http.ts';
import type { HttpOutcome } from './http.ts';
import { functionOf } from './seams.ts';
import { isMap, listAt, mapAt, objectOf, textAt, textsAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import { Timeline } from './timeline.ts';
import type { Steps, Wait } from './timeline.ts';
import type { CallResult } from './value-check.ts';

/** Rules of NMI alone need no world around them. */
const NO_WORLD: readonly string[] = ['call', 'request', 'object', 'mark'];

/** A case under way. */
export class CaseSteps {
  readonly #case: ConformanceCase;
  readonly #client = new CloudClient();
  readonly #onMark: (mark: string) => void;
  readonly #results = new Map<string, CallResult>();
  readonly #outcomes = new Map<string, HttpOutcome>();
  readonly #blocks = new Map<string, IdentityBlock>();
  readonly #times = new Map<string, number>();
  readonly #applied = new Map<string, string>();
  readonly #plane: ControlPlane;
  readonly #faults: CaseFaults;
  readonly #timeline: Timeline;
  #batch: ((turn: Turn) => void)[] = [];

  constructor(one: ConformanceCase, onMark: (mark: string) => void) {
    this.#case = one;
    this.#onMark = onMark;
    const isBare = one.when.every((step) => Object.keys(step).every((verb) => NO_WORLD.includes(verb)));
    this.#plane = buildWorld(isBare ? { ...one, given: { ...one.given, components: [] } } : one, [this.#client.actor]);
    this.#faults = new CaseFaults(this.#plane.cloud, this.#plane.server, existingIdentities(one.given));
    this.#timeline = new Timeline(this.#plane);
  }

  /** The world of the case. */
  get plane(): ControlPlane {
    return this.#plane;
  }

  /** Result of a call. */
  resultOf(name: string): CallResult {
    return known(this.#results.get(name), name);
  }

  /** Outcome of a request. */
  httpOutcomeOf(name: string): HttpOutcome {
    return known(this.#outcomes.get(name), name);
  }

  /** An identity block. */
  blockOf(name: string): IdentityBlock {
    return known(this.#blocks.get(name), name);
  }

  /** When a mark was reached [s]. */
  timeOf(mark: string): number {
    return known(this.#times.get(mark), mark);
  }

  /** Runs all steps. */
  run(): void {
    this.#timeline.begin(this.#perform(this.#case.when));
    this.#timeline.run();
  }

  *#perform(steps: readonly DataMap[]): Steps {
    for (const step of steps) {
      if (this.#gather(step)) continue;
      this.#flush();
      yield* this.#wait(step);
    }
    this.#flush();
  }

  /** Steps that take no time; false for the others. */
  #gather(step: DataMap): boolean {
    if (step['apply'] !== undefined) {
      if (step['as'] !== undefined) throw new NoSeam('admission is not part of the small world');
      for (const manifest of listAt(step, 'apply').filter(isMap)) this.#batch.push((turn) => this.#apply(manifest, turn));
    } else if (step['delete'] !== undefined) {
      for (const ref of textsAt(step, 'delete')) this.#batch.push((turn) => this.#delete(ref, turn));
    } else if (step['arm'] !== undefined) {
      this.#changeCloud(mapAt(step, 'arm'));
    } else if (step['fault'] !== undefined) {
      const fault = mapAt(step, 'fault');
      this.#batch.push(() => this.#faults.add(fault));
    } else if (step['clearFault'] !== undefined) {
      const id = textAt(step, 'clearFault');
      this.#batch.push(() => this.#faults.clear(id));
    } else if (step['start'] === 'mic') {
      this.#batch.push((turn) => spawnMic(turn, 'cold'));
    } else if (step['stop'] === 'mic') {
      this.#stopMic();
    } else if (step['schedule'] !== undefined) {
      const { afterSeconds } = mapAt(step, 'schedule');
      const later = listAt(mapAt(step, 'schedule'), 'do').filter(isMap);
      this.#timeline.begin(this.#perform(later), { deadline: this.#plane.now + Number(afterSeconds) });
    } else return step['notify'] !== undefined;
    return true;
  }

  /** Steps that take time, or look at the world. */
  *#wait(step: DataMap): Generator<Wait, void, undefined> {
    if (step['mark'] !== undefined) this.#mark(textAt(step, 'mark'));
    else if (step['settle'] !== undefined) yield* this.#settle(Number(mapAt(step, 'settle')['maxSeconds']));
    else if (step['advance'] !== undefined) yield { deadline: this.#plane.now + Number(mapAt(step, 'advance')['seconds']) };
    else if (step['await'] !== undefined) yield* this.#await(mapAt(step, 'await'));
    else if (step['call'] !== undefined) this.#call(mapAt(step, 'call'));
    else if (step['object'] !== undefined) {
      const object = mapAt(step, 'object');
      this.#blocks.set(textAt(object, 'as'), { ids: textsAt(object, 'userAssignedIdentities') });
    } else if (step['request'] !== undefined) {
      const request = mapAt(step, 'request');
      this.#outcomes.set(textAt(request, 'as'), sendRequest(request, this.#case.given));
    } else if (step['parallel'] !== undefined) yield* this.#parallel(step);
    else throw new NoSeam(`step ${Object.keys(step).join(', ')} needs a whole cluster`);
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#plane.act((turn) => {
      for (const one of batch) one(turn);
    });
  }

  /** By signal; together with other changes at once, so that no cycle sees them before the end. */
  #stopMic(): void {
    if (this.#batch.length > 0) this.#batch.push((turn) => turn.stop(MIC));
    else this.#plane.act((turn) => turn.send(MIC, { type: 'Signal', signal: 'SIGTERM' }));
  }

  #mark(name: string): void {
    this.#times.set(name, this.#plane.now);
    this.#onMark(name);
  }

  *#settle(maxSeconds: number): Generator<Wait, void, undefined> {
    yield { deadline: this.#plane.now + maxSeconds, isOver: () => this.#plane.isQuiet };
    if (!this.#plane.isQuiet) throw new Mismatch(`MIC is still busy after ${String(maxSeconds)} s`);
  }

  *#await(step: DataMap): Generator<Wait, void, undefined> {
    let last = '';
    const isMet = (): boolean => {
      try {
        if (!checkWorld(step, this.#plane)) throw new NoSeam('awaits something the runner does not build');
        return true;
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        last = error.message;
        return false;
      }
    };
    yield { deadline: this.#plane.now + Number(step['timeoutSeconds']), isOver: isMet };
    if (!isMet()) throw new Mismatch(`awaited in vain for ${textAt(step, 'timeoutSeconds')} s: ${last}`);
  }

  *#parallel(step: DataMap): Generator<Wait, void, undefined> {
    const lists = listAt(step, 'parallel').map((list) =>
      this.#perform((Array.isArray(list) ? (list as readonly DataMap[]) : []).filter(isMap)),
    );
    for (const list of lists) this.#timeline.begin(list);
    yield { deadline: Infinity, isOver: () => lists.every((list) => this.#timeline.isDone(list)) };
  }

  #call(step: DataMap): void {
    const perform = functionOf(textAt(step, 'fn'));
    const began = this.#plane.now;
    const stage = {
      given: this.#case.given,
      plane: this.#plane,
      client: this.#client,
      block: step['on'] === undefined ? undefined : this.blockOf(textAt(step, 'on')),
    };
    this.#results.set(textAt(step, 'as'), { ...outcomeOf(() => perform(mapAt(step, 'args'), stage)), took: this.#plane.now - began });
  }

  /** The same manifest once more is no change, and gives no new version. */
  #apply(manifest: DataMap, turn: Turn): void {
    const object = objectOf(manifest, this.#plane.server.nextVersion());
    if (object === undefined) throw new NoSeam(`objects of kind ${textAt(manifest, 'kind')} are not kept here`);
    const { namespace, name } = object.metadata;
    const ref = namespace === '' ? `${object.kind}/${name}` : `${object.kind}/${namespace}/${name}`;
    const text = JSON.stringify(manifest);
    if (this.#applied.get(ref) === text) return;
    this.#applied.set(ref, text);
    putObject(object, turn);
  }

  #delete(ref: string, turn: Turn): void {
    this.#applied.delete(ref);
    const kind = ref.slice(0, ref.indexOf('/'));
    const key = ref.slice(ref.indexOf('/') + 1);
    if (kind === 'AzureAssignedIdentity') this.#plane.server.remove(key, turn);
    else if (isCaseKind(kind)) dropObject(kind, key, turn);
    else throw new NoSeam(`objects of kind ${kind} are not kept here`);
  }

  #changeCloud(step: DataMap): void {
    const op = textAt(step, 'op');
    if (op !== 'assign' && op !== 'unassign') throw new NoSeam(`${op} of ARM needs a whole cluster`);
    const resource = mapAt(step, 'resource');
    const kind = textAt(resource, 'kind') === 'VirtualMachine' ? 'VirtualMachine' : 'VirtualMachineScaleSet';
    const { cloud } = this.#plane;
    const target = { kind, name: textAt(resource, 'name') } as const;
    this.#batch.push(() => {
      if (cloud.unknown === 'createEmpty' && cloud.find(target) === undefined)
        cloud.put({ ...target, type: '', ids: [], state: 'Succeeded' });
      changeCloud(cloud, { op, resource: target, identities: [textAt(step, 'identity')] });
    });
  }
}

function outcomeOf(perform: () => unknown): Omit<CallResult, 'took'> {
  try {
    const value = perform();
    return value instanceof ExactMap ? { value: value.value, isExact: true } : { value };
  } catch (error) {
    if (error instanceof CallFailure) return { value: null, error: error.message };
    throw error;
  }
}

function known<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new NoSeam(`nothing is remembered as ${name}`);
  return value;
}
