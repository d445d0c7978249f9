/** Cases of NMI alone: one node, asked over HTTP and through the API server. */
import { FileWatch } from './functions/file-functions.ts';
import { NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import type { CaseRecords, CaseStage } from './case-stage.ts';
import { handlerOf, hostOf, httpAnswerOf, metadataCallOf } from './http.ts';
import { NodeWorld } from './stage/node-world.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';
import type { SeenObject } from './stage/world-view.ts';
import type { Steps } from './timeline.ts';

/** The world of one node as a stage. */
export class NodeStage implements CaseStage {
  readonly looks = 'at every event';
  readonly armCalls = [];
  readonly events = [];
  readonly isMicAlive = false;
  readonly isQuiet = true;
  readonly functions: CaseStage['functions'];
  readonly #given: DataMap;
  readonly #records: CaseRecords;
  readonly #node: NodeWorld;
  #batch: { readonly applied: DataMap[]; readonly deleted: string[] } = { applied: [], deleted: [] };

  constructor({ given }: ConformanceCase, records: CaseRecords) {
    this.#given = given;
    this.#records = records;
    this.#node = new NodeWorld(given, 'gives');
    this.functions = { given, metrics: this.#node.metrics, files: new FileWatch(), node: this.#node };
  }

  get now(): number {
    return this.#node.now;
  }

  pass(time: number): void {
    this.#node.pass(time);
  }

  passToNext(within: number): boolean {
    return this.#node.passToNext(within);
  }

  objectsOf(kind: string): readonly SeenObject[] {
    return this.#node.objectsOf(kind);
  }

  resource(): undefined {
    return undefined;
  }

  gather(step: DataMap): boolean {
    if (step['apply'] !== undefined && step['as'] === undefined) this.#batch.applied.push(...listAt(step, 'apply').filter(isMap));
    else if (step['delete'] !== undefined) this.#batch.deleted.push(...textsAt(step, 'delete'));
    else return false;
    return true;
  }

  flush(): void {
    const { applied, deleted } = this.#batch;
    this.#batch = { applied: [], deleted: [] };
    if (applied.length + deleted.length > 0) this.#node.change(applied, deleted);
  }

  play(step: DataMap): Steps | undefined {
    return step['request'] === undefined ? undefined : this.#request(mapAt(step, 'request'));
  }

  check(): boolean {
    return false;
  }

  *#request(request: DataMap): Steps {
    if (textAt(request, 'to') !== 'nmi') throw new NoSeam(`requests to ${textAt(request, 'to')} need a whole cluster`);
    if (request['node'] !== undefined || request['from'] !== undefined) throw new NoSeam('requests from a node need a whole cluster');
    const call = metadataCallOf(request);
    const sourceIP = hostOf(textAt(request, 'remoteAddr'));
    const { response } = yield* this.#node.askNmi({ call, sourceIP });
    const route = handlerOf(call, this.#given);
    this.#records.http.set(textAt(request, 'as'), { route, answers: [httpAnswerOf(response, route)] });
  }
}
