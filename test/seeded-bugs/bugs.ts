/** Mistakes to plant in MIC, one at a time, to see which tests catch them. `npm run seeded-bugs` plants them. */
import type { Mutation } from '../support/mutant.ts';

/** One mistake. */
export interface SeededBug extends Mutation {
  /** What is wrong, as the table of docs/PROOFS.md names it. */
  readonly name: string;
}

/** All of them. Each text to change stands in its file exactly once; a test holds that. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    name: 'the in-use check forgets the scale set',
    file: 'model/mic/reference-count.ts',
    original: 'const group = groupOf(node);',
    changed: 'const group = undefined as string | undefined;',
  },
  {
    name: 'the delete list contains the create list',
    file: 'actors/mic/plan.ts',
    original: "if (created !== undefined) addChange(itemOf('create', created, survey), byNode);",
    changed:
      "if (created !== undefined) addChange(itemOf('create', created, survey), byNode);\n    if (created !== undefined) trackOf(byNode, desired.node).deletes.push(itemOf('delete', created, survey));",
  },
  {
    name: 'the retry forgets to drop the bad identity',
    file: 'model/mic/bad-identity.ts',
    original: 'return kept.length === delta.length || kept.length === 0 ? undefined : kept;',
    changed: 'return kept.length === delta.length || kept.length === 0 ? undefined : delta;',
  },
  {
    name: 'PATCHes are not split at 150',
    file: 'model/mic/identity-delta.ts',
    original: 'return { first: delta.slice(0, limit), rest: delta.slice(limit) };',
    changed: 'return { first: delta.slice(0, Math.max(limit, delta.length)), rest: [] };',
  },
  {
    name: 'reconcile removes what it should add',
    file: 'actors/mic/reconcile.ts',
    original: "goal: 'update', add: [...next.ids], remove: [] }",
    changed: "goal: 'update', add: [], remove: [...next.ids] }",
  },
  {
    name: 'the status says Assigned before the cloud has answered',
    file: 'model/mic/assigned-identity.ts',
    original: 'status: { status: birth.status },',
    changed: "status: { status: 'Assigned' },",
  },
  {
    name: 'status patches draw from the bucket of the core client',
    file: 'actors/mic/worker.ts',
    original: "callApi(state, 'crd', { verb: 'patchStatus', kind: 'AzureAssignedIdentity', key: item.key, status: 'Assigned' }",
    changed: "callApi(state, 'core', { verb: 'patchStatus', kind: 'AzureAssignedIdentity', key: item.key, status: 'Assigned' }",
  },
  {
    name: 'immutable identities are removed like others',
    file: 'model/mic/reference-count.ts',
    original: "  if (about.immutable.includes(clientID)) return 'immutable';\n",
    changed: "  if (about.immutable.includes(`${clientID} `)) return 'immutable';\n",
  },
  {
    name: 'ids on the resource are compared letter by letter',
    file: 'model/mic/identity-delta.ts',
    original: 'const left = new Set(present.ids.map(spelled));',
    changed: 'const left = new Set(present.ids);',
  },
  {
    name: 'events are coalesced',
    file: 'actors/mic/loop.ts',
    original: "else loop.queued = turn.knob('mic.sync.eventCoalescing') ? 0 : loop.queued - 1;",
    changed: 'else loop.queued = 0;',
  },
  {
    name: 'a changed AzureIdentity does not renew its pods',
    file: 'actors/mic/desired-set.ts',
    original: '  for (const key of changed.identities) addPodsOfIdentity(key, pods, rows, caches);\n',
    changed: '  for (const key of changed.identities) void key;\n',
  },
  {
    name: 'a pod that moves is not noticed',
    file: 'model/mic/desired.ts',
    original: '    a.node === b.node &&\n',
    changed: '    a.name === b.name &&\n',
  },
];
