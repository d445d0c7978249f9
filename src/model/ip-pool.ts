/**
 * Addresses of nodes and pods.
 *
 * Each node has the /24 `10.a.b.0`: the first four are Azure's, `.4` is the node's, pods get the rest. Azure CNI picks any free address
 * (its pool is a Go map), kubenet's host-local the next after the last one given. Simplified: the /24 is made from the node's name, so
 * nodes of two pools may in rare cases have the same one; every lookup by address is per node.
 */
import { hashString } from '../kernel/random.ts';

/** Most addresses a node's /24 has for pods. */
export const LARGEST_POOL = 250;

const NODE_HOST = 4;
const FIRST_POD_HOST = 5;

/** Addresses of one node: how many, and which are in use (by whom). */
export interface AddressPool {
  readonly node: string;
  /** Addresses in all [count] -- constant. */
  readonly size: number;
  /** Pod by address -- changes. */
  readonly taken: Readonly<Record<string, string>>;
}

/** Address of a node, which its hostNetwork pods share. */
export function nodeAddress(node: string): string {
  return `${subnetOf(node)}.${String(NODE_HOST)}`;
}

/** Address number `n` (from 0) of a node's pool. */
export function podAddress(node: string, n: number): string {
  return `${subnetOf(node)}.${String(FIRST_POD_HOST + n)}`;
}

/** Number of an address in its node's pool; -1 for one outside. */
export function addressNumber(node: string, address: string): number {
  const prefix = `${subnetOf(node)}.`;
  return address.startsWith(prefix) ? Math.max(-1, Number(address.slice(prefix.length)) - FIRST_POD_HOST) : -1;
}

/** Numbers of the free addresses, ascending. */
function freeNumbers(pool: AddressPool): readonly number[] {
  const free: number[] = [];
  for (let n = 0; n < pool.size; n += 1) if (pool.taken[podAddress(pool.node, n)] === undefined) free.push(n);
  return free;
}

/** A free address for a uniform draw in (0, 1), each as likely; undefined when none is free. */
export function pickAny(pool: AddressPool, u: number): number | undefined {
  const free = freeNumbers(pool);
  return free[Math.floor(u * free.length)];
}

/** The first free address after the last one given, around the pool; undefined when none is free. */
export function pickNext(pool: AddressPool, last: number): number | undefined {
  const free = freeNumbers(pool);
  return free.find((n) => n > last) ?? free[0];
}

/** `10.a.b` of a node. The last six letters or digits count on, as instances of a scale set do: those of one pool never meet. */
function subnetOf(node: string): string {
  const [, prefix = '', suffix = ''] = /^(.*?)([0-9a-z]{0,6})$/s.exec(node) ?? [];
  const counted = suffix === '' ? 0 : Number.parseInt(suffix, 36);
  // 10.0.* belongs to machines outside the cluster.
  const block = 256 + ((hashString(prefix) + counted) % 65280);
  return `10.${String(Math.floor(block / 256))}.${String(block % 256)}`;
}
