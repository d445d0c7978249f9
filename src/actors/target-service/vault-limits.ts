/**
 * How many requests a vault takes, and all vaults of its subscription together. Follows Microsoft's page of limits: a rate for each vault,
 * five times as much for a subscription; what is refused does not count.
 */
import { take, tokenBucket } from '../../model/token-bucket.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ServiceRow } from '../../model/workload.ts';

/** Admits one request, or refuses it. */
export function admitToVault(state: { bucket: TokenBucket | undefined }, row: ServiceRow, turn: Turn): boolean {
  const own = take(state.bucket ?? tokenBucket(turn.knob('kv.rate.perVault')), turn.now);
  if (!own.ok || !admitToSubscription(row, turn)) return false;
  state.bucket = own.bucket;
  return true;
}

/** The rate of the subscription, which only as many vaults as its factor can reach: with fewer it is not kept. */
function admitToSubscription(row: ServiceRow, turn: Turn): boolean {
  const factor = turn.knob('kv.rate.subscriptionFactor');
  const vaults = turn.table('services').by('kind', 'keyVault');
  const subscription = subscriptionOf(row);
  if (vaults.length <= factor || vaults.filter((vault) => subscriptionOf(vault) === subscription).length <= factor) return true;
  const table = turn.table('vaultTraffic');
  const { capacity, refillPerSecond } = turn.knob('kv.rate.perVault');
  const whole = { capacity: capacity * factor, refillPerSecond: refillPerSecond * factor };
  const taking = take(table.get(subscription)?.bucket ?? tokenBucket(whole), turn.now);
  if (taking.ok) table.put(subscription, { subscription, bucket: taking.bucket });
  return taking.ok;
}

/** Subscription in the scope of a service; `''` for none. */
function subscriptionOf({ scope }: ServiceRow): string {
  return /^\/subscriptions\/([^/]+)/iu.exec(scope)?.[1]?.toLowerCase() ?? '';
}
