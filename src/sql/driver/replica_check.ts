import type { RawRow, SqlLink } from "../link/link.ts";
import { row } from "../link/run.ts";

/** The result of a check of a replica: the time from which on commits may be missing, by `performance.now()`, or why it cannot be used. */
export type Checked = { readonly asOf: number } | { readonly problem: string };

const STATE = `select pg_catalog.pg_is_in_recovery()::text`;

/**
 * `$1` is a position in the log of the primary. A replica that has replayed it
 * has all that was committed before it was read. Otherwise, the last replayed
 * commit says how far it is behind: on a quiet primary, that is long ago.
 */
const STATE_AND_LAG = `${STATE},
  (pg_catalog.pg_last_wal_replay_lsn() >= $1::pg_catalog.pg_lsn)::text,
  pg_catalog.round(1000 * extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()))::bigint::text`;

const CLUSTER =
  "select system_identifier::text from pg_catalog.pg_control_system()";

/** Checks that a server is a replica, and measures how far it is behind if that matters. */
export async function checkReplica(
  replica: SqlLink,
  primary: SqlLink,
  measuresLag: boolean,
): Promise<Checked> {
  const start = performance.now();
  const position = measuresLag ? await positionOf(primary) : null;
  const [isReplica, hasPosition, sinceCommit] = measuresLag
    ? await rowOf(replica, STATE_AND_LAG, [position])
    : await rowOf(replica, STATE);
  if (isReplica !== "true") {
    return {
      problem: "accepts writes: it was promoted, or it is not a replica",
    };
  }
  if (!measuresLag || hasPosition === "true") return { asOf: start };
  return {
    asOf: sinceCommit === null || sinceCommit === undefined
      ? -Infinity
      : start - Math.max(0, Number(sinceCommit)),
  };
}

/** Whether two servers belong to the same cluster; true if they do not report it. */
export async function isSameCluster(
  replica: SqlLink,
  primary: SqlLink,
): Promise<boolean> {
  const clusters = await Promise.all(
    [replica, primary].map(async (link) => {
      const [identifier] = await rowOf(link, CLUSTER).catch(() => []);
      return identifier;
    }),
  );
  const [one, other] = clusters;
  return !one || !other || one === other;
}

/** Returns the position that the primary has written; null if it does not answer, or is not a primary. */
async function positionOf(primary: SqlLink): Promise<string | null> {
  const [position = null] = await rowOf(
    primary,
    "select pg_catalog.pg_current_wal_lsn()::text",
  ).catch(() => []);
  return position;
}

function rowOf(
  link: SqlLink,
  text: string,
  values?: readonly (string | null)[],
): Promise<RawRow> {
  return row(link, text, values, { isRead: true, isCatalogRead: true });
}
