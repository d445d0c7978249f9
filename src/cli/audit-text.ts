/** The logs of a run as text for people: what they can attribute first, then principals, then the logs row by row with the truth beside. */
import type { AccessRow, SignInRow } from '../report/audit/trail.ts';
import type { AuditSection } from '../report/document/index.ts';
import { humanMoment, humanShare } from '../report/duration-text.ts';
import type { Host } from './host.ts';
import { styleFor } from './style.ts';
import { columns, wrapped } from './text-layout.ts';

/** What is shown. */
export interface AuditLogs {
  readonly scenario: string;
  readonly seed: string;
  readonly fingerprint: string;
  readonly command: string;
  readonly summary: AuditSection;
  readonly accesses: readonly AccessRow[];
  readonly signIns: readonly SignInRow[];
  /** Sign-ins older than the log is kept. */
  readonly signInsForgotten: number;
}

/** Rows of a log shown unless all are asked for [1]. */
const ROWS_SHOWN = 12;

/** Room for the resource of a sign-in [columns]. */
const RESOURCE_WIDTH = 18;

/** The logs as text. */
export function auditText(
  logs: AuditLogs,
  { host, detail }: { readonly host: Pick<Host, 'columns' | 'color'>; readonly detail: 'plain' | 'verbose' },
): string {
  const style = styleFor(host);
  const limit = detail === 'verbose' ? Infinity : ROWS_SHOWN;
  const table = (title: string, rows: readonly (readonly string[])[], all: number): readonly string[] => {
    const [head = '', ...lines] = columns(
      rows,
      (rows[0] ?? []).map(() => 'left'),
    ).map((line) => cut(line, host.columns));
    const more = all > lines.length ? [style.faint(`  ${String(all - lines.length)} more rows (--verbose or --json shows all)`)] : [];
    return [style.strong(title), style.strong(`  ${head}`), ...lines.map((line) => `  ${line}`), ...more, ''];
  };
  const accesses = logs.accesses.slice(0, limit).map(accessCells);
  const signIns = logs.signIns.slice(0, limit).map(signInCells);
  return [
    ...verdict(logs, host.columns).map((line) => style.strong(line)),
    '',
    ...table('By service principal', [PRINCIPAL_HEAD, ...logs.summary.entries.map(principalCells)], logs.summary.entries.length),
    ...table('Access logs of the services', [ACCESS_HEAD, ...accesses], logs.accesses.length),
    ...table('Sign-in logs of Entra', [SIGN_IN_HEAD, ...signIns], logs.signIns.length),
    ...(logs.signInsForgotten === 0
      ? []
      : [style.faint(`  ${String(logs.signInsForgotten)} more sign-ins are older than the log keeps`), '']),
    ...legend(host.columns).map((line) => style.faint(line)),
    '',
    style.faint(`scenario ${logs.scenario}, seed ${logs.seed}, fingerprint ${logs.fingerprint}`),
    style.faint(`again: ${logs.command}`),
    '',
  ].join('\n');
}

function verdict({ summary, scenario }: AuditLogs, width: number): readonly string[] {
  const { accesses, denied, attributableShare, attributableWithAddress, entries } = summary;
  if (accesses === 0) return [`${scenario}: nobody used a service`];
  const principals = new Set(entries.map(({ objectId }) => objectId)).size;
  return wrapped(
    `${scenario}: ${String(accesses)} accesses (${String(denied)} denied) by ${String(principals)} service ${principals === 1 ? 'principal' : 'principals'}; ` +
      `the logs name the pod of ${humanShare(attributableShare ?? 0)} by principal alone, of ${humanShare(attributableWithAddress / accesses)} with the caller's address`,
    width,
  );
}

const PRINCIPAL_HEAD = ['principal', 'service', 'first', 'last', 'answers', 'truth: pods'];
const ACCESS_HEAD = ['at', 'logged', 'service', 'principal', 'status', 'caller', '?', 'truth: pod'];
const SIGN_IN_HEAD = ['at', 'logged', 'log', 'principal', 'resource', 'token', 'key', 'truth: pods'];

function principalCells(entry: AuditSection['entries'][number]): readonly string[] {
  const answers = entry.statuses.map(({ status, count }) => `${String(count)}×${String(status)}`).join(' ');
  const [first, ...others] = entry.senders;
  const more = others.length + entry.sendersNotShown;
  return [
    entry.principal,
    entry.service,
    clock(entry.firstUs),
    clock(entry.lastUs),
    answers,
    `${first?.sender ?? ''}${more === 0 ? '' : ` and ${String(more)} more`}`,
  ];
}

function accessCells(row: AccessRow): readonly string[] {
  return [
    clock(row.timeGenerated),
    clock(row.visibleAt),
    row.service,
    row.servicePrincipalName,
    String(row.httpStatus),
    row.callerIpAddress,
    String(row.candidates.byPrincipalAndAddress),
    row.truth,
  ];
}

function signInCells(row: SignInRow): readonly string[] {
  const [first = 'nobody', ...others] = row.truth;
  return [
    clock(row.timeGenerated),
    clock(row.visibleAt),
    row.log === 'AADManagedIdentitySignInLogs' ? 'MI' : 'SP',
    row.servicePrincipalName,
    cut(row.resource.replace(/^https:\/\//u, ''), RESOURCE_WIDTH),
    row.uniqueTokenIdentifier.slice(0, 6),
    row.servicePrincipalCredentialKeyId?.slice(0, 8) ?? '–',
    others.length === 0 ? first : `${first} and ${String(others.length)} more`,
  ];
}

/** To the second: logs are read by people who know the day. */
function clock(us: number): string {
  return humanMoment(us).slice(0, -2);
}

function legend(width: number): readonly string[] {
  return [
    'logged: when the row can be read. truth: what the simulation knows and no log says.',
    '?: how many pods principal and caller address leave possible; 1 means the log is enough.',
    'caller: the address of the pod, as where the service is reached by a private or service endpoint; behind a public one the whole cluster has the one of its load balancer, and only the principal tells.',
    'MI: AADManagedIdentitySignInLogs, without caller address; SP: AADServicePrincipalSignInLogs, with the key of the credential. One row for each token that Entra issued: tokens out of a cache leave none.',
  ].flatMap((line) => wrapped(line, width));
}

/** A line that keeps within the page. */
function cut(line: string, width: number): string {
  return line.length + 2 <= width ? line : `${line.slice(0, width - 3)}…`;
}
