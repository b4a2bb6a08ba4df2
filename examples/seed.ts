// deno-lint-ignore-file no-console
// Gets or creates an object, stores its earlier detections, updates it, reads a page.
// To run it on a PostgreSQL server, replace the entry SQL in settings.ts by that of the server.
import { SQLConnection } from "@alerce/db-plugins";
import { alertRows, readAlerts } from "@alerce/db-plugins/ztf";
import { AstroObject, Detection } from "@alerce/db-plugins/models";
import { fileURLToPath } from "node:url";
import { DB_CONFIG } from "../settings.ts";

const ALERTS = fileURLToPath(
  new URL("./data/ztf_alerts_small.ndjson.gz", import.meta.url),
);

await using db = new SQLConnection();
await db.connect(DB_CONFIG.SQL);
await db.createDb();

const attributes = {
  ndethist: 0,
  ncovhist: 0,
  mjdstarthist: 0,
  mjdendhist: 0,
  firstmjd: 0,
  lastmjd: 0,
  ndet: 0,
  deltajd: 0,
  meanra: 0,
  meandec: 0,
  step_id_corr: "v1.0.0",
  corrected: false,
  stellar: false,
};
const [obj, created] = await db.query(AstroObject).getOrCreate({
  filterBy: { oid: "ZTF18aaxlzgi" },
  ...attributes,
});
console.log(String(obj), "created: " + created);

const alerts = await Array.fromAsync(readAlerts(ALERTS));
const prvDetections = alerts
  .filter(({ objectId }) => objectId === obj.oid)
  .flatMap((alert) => alertRows(alert).detection);
await db.query(Detection).bulkInsert(prvDetections);

db.query().update(obj, { lastmjd: 12345 });
await db.session.commit();

const page = await db.query(AstroObject).find({
  filterBy: { ndet: { gte: 2 } },
  orderBy: { lastmjd: "desc" },
  page: 1,
  perPage: 10,
});
console.log(`${page.total} objects with at least 2 detections`);
for (const { oid, ndet } of page.items) console.log(oid, ndet);
