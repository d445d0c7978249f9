/** What azure.json says at a moment. */
import { CLOUD_CONFIG_KEY, SETTINGS_KEY } from './settings.ts';
import type { CloudConfig } from './settings.ts';
import type { Turn } from './vocabulary.ts';

/** What the file says now; before anybody rewrote it, what the installation says. */
export function cloudConfigNow(turn: Turn): CloudConfig {
  const written = turn.table('cloudConfigs').get(CLOUD_CONFIG_KEY);
  if (written !== undefined) return written;
  const userAssignedIdentityID = turn.table('settings').get(SETTINGS_KEY)?.clusterIdentityClientId ?? '';
  return { userAssignedIdentityID, clientID: '', clientSecret: '' };
}
