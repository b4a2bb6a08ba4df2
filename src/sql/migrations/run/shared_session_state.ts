import { z } from "../../../base/zod.ts";
import type { SqlLink } from "../../link/link.ts";
import { row } from "../../link/run.ts";
import { quotedName } from "../../codec/quote.ts";
import { unlockAllSql } from "./unlock_all_sql.ts";
import { set } from "../../schema/session_settings.ts";

const names = z.array(z.string());

/** The state of a session that its other users see. */
interface SharedState {
  readonly settings: Readonly<Record<string, string>>;
  readonly prepared: readonly string[];
  readonly cursors: readonly string[];
  readonly channels: readonly string[];
  readonly locks: readonly string[];
  /** Number of temporary objects of this session. */
  readonly temporary: number;
}

const State: z.ZodType<SharedState> = z.object({
  settings: z.record(z.string(), z.string()),
  prepared: names,
  cursors: names,
  channels: names,
  locks: names,
  temporary: z.number(),
});

const LOCK_NAME =
  "concat_ws('/', held.classid, held.objid, held.objsubid, held.mode)";

/** The catalogs do not show custom settings such as `my.name`. */
const STATE = `
select json_build_object(
  'settings', (select json_object_agg(name, current_setting(name)) from pg_settings
    where context in ('user', 'superuser') and name not in
      ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')),
  'prepared', array(select name from pg_prepared_statements),
  'cursors', array(select name from pg_cursors where is_holdable),
  'channels', array(select pg_listening_channels()),
  'locks', array(select ${LOCK_NAME} from pg_locks held
    where held.locktype = 'advisory' and held.pid = pg_backend_pid()),
  'temporary', (select count(*) from pg_depend
    where refclassid = cast('pg_namespace' as regclass) and refobjid = pg_my_temp_schema()))`;

/** Returns the current state of a session. */
export async function sharedState(link: SqlLink): Promise<SharedState> {
  const [json] = await row(link, STATE);
  return State.parse(JSON.parse(String(json)));
}

/** Restores an earlier state of a session. Temporary objects stay if there were some before. */
export async function restoreState(
  link: SqlLink,
  before: SharedState,
): Promise<void> {
  const now = await sharedState(link);
  const changed = Object.entries(before.settings).filter(([name, value]) =>
    now.settings[name] !== value
  );
  await set(link, Object.fromEntries(changed));
  const added = (kind: "prepared" | "cursors" | "channels"): string[] =>
    now[kind].filter((name) => !before[kind].includes(name)).map(quotedName);
  const texts = [
    ...added("cursors").map((name) => `close ${name}`),
    ...added("channels").map((name) => `unlisten ${name}`),
    ...added("prepared").map((name) => `deallocate ${name}`),
    ...now.temporary > 0 && before.temporary === 0 ? ["discard temp"] : [],
  ];
  for (const text of texts) await link.query({ text, values: [] });
  if (now.locks.every((lock) => before.locks.includes(lock))) return;
  const unlock = {
    text: unlockAllSql(
      `${LOCK_NAME} in (select json_array_elements_text(cast($1 as json)))`,
    ),
    values: [JSON.stringify(before.locks)],
  };
  while ((await link.query(unlock)).count > 0);
}
