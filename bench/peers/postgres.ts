import { SQLConnection } from "@alerce/db-plugins";
import { AstroObject, Detection } from "@alerce/db-plugins/models";
import { POSTGRES_USER } from "../../tests/support/postgres_data.ts";
import { settingsOf, startPostgres } from "../../tests/support/servers.ts";
import { bareClient } from "../settings.ts";
import { COLUMNS, type Data } from "./data.ts";
import type { Server } from "./server.ts";
import type { State } from "./works.ts";

/** Which of all rows a state holds; rows of the last three have another magnitude. */
const KEPT: Readonly<Record<State, string>> = {
  all: "true",
  none: "false",
  tenth: "number % 10 = 0",
  half: "number % 2 = 0",
  changed: "true",
};

const columns = COLUMNS.map(({ name }) => name).join(", ");
const changed = columns.replace(" magpsf,", " magpsf + 1,");

/** Starts a PostgreSQL server with ALeRCE's tables and these rows. */
export async function postgresServer(data: Data): Promise<Server> {
  const server = await startPostgres(["autovacuum=off"]);
  const settings = settingsOf(server);
  const db = new SQLConnection({ models: [AstroObject, Detection] });
  await db.connect(settings);
  await db.createDb();
  await db.query(AstroObject).bulkInsert(data.objects);
  await db.query(Detection).bulkInsert(data.detections);
  await db.close();
  const bare = await bareClient(settings);
  await bare.query(
    "create table all_rows as select *, row_number() over (order by ctid) as number from detection",
  );
  await bare.query("vacuum analyze object");
  const { rows: [{ version }] } = await bare.query(
    "select current_setting('server_version') as version",
  );
  return {
    engine: "PostgreSQL",
    version,
    url:
      `postgresql://${POSTGRES_USER}:${server.password}@127.0.0.1:${server.port}/postgres`,
    async restore(state) {
      const values = state === "all" ? columns : changed;
      await bare.query("truncate detection");
      await bare.query(
        `insert into detection select ${values} from all_rows where ${
          KEPT[state]
        } order by number`,
      );
      await bare.query("vacuum analyze detection");
      await bare.query("checkpoint");
    },
    async fingerprint() {
      const { rows: [row] } = await bare.query(
        "select count(*) || ' ' || coalesce(sum(hashtextextended(detection::text, 0)::numeric), 0) as text from detection",
      );
      return row.text;
    },
    async grow(count) {
      const copied = columns.replace(
        "candid,",
        "candid + copy * 10000000::bigint,",
      );
      await bare.query("truncate detection");
      await bare.query(
        `insert into detection select ${copied} from generate_series(0, ${
          Math.ceil(count / data.detections.length) - 1
        }) copy, all_rows order by copy, number limit ${count}`,
      );
      await bare.query("vacuum analyze detection");
      await bare.query("checkpoint");
    },
    async stop() {
      await bare.end();
      await server.stop();
    },
  };
}
