// deno-lint-ignore-file no-console
// A step of a pipeline: reads batches from a stream, writes six tables, and acknowledges each batch after its commit.
import { connect, createWriter, type RejectedRow } from "@alerce/db-plugins";
import {
  AstroObject,
  Dataquality,
  Detection,
  NonDetection,
  Ps1_ztf,
  Reference,
} from "@alerce/db-plugins/models";
import { alertRows, readAlerts, type ZtfAlert } from "@alerce/db-plugins/ztf";
import { fileURLToPath } from "node:url";

/** What a consumer of a topic receives. */
interface Batch {
  readonly offset: number;
  readonly alerts: readonly ZtfAlert[];
}

/** Stands for a topic: the alerts of a file, in batches. */
async function* consume(size: number): AsyncGenerator<Batch> {
  const path = new URL("data/ztf_alerts_small.ndjson.gz", import.meta.url);
  let alerts: ZtfAlert[] = [];
  let offset = 0;
  for await (const alert of readAlerts(fileURLToPath(path))) {
    alerts.push(alert);
    if (alerts.length < size) continue;
    yield { offset: offset += size, alerts };
    alerts = [];
  }
  if (alerts.length > 0) yield { offset: offset + alerts.length, alerts };
}

await using db = await connect({
  SQL: { ENGINE: "pglite", DB_NAME: "memory://" },
});
await db.createDb();

const deadLetters: RejectedRow[] = [];
await using writer = createWriter(db, {
  onRejected: (row) => void deadLetters.push(row),
});
for await (const { offset, alerts } of consume(30)) {
  const rows = alerts.map(alertRows);
  writer.upsert(AstroObject, rows.flatMap(({ object }) => object), {
    prefer: ["mjdendhist"],
  });
  writer.upsert(Detection, rows.flatMap(({ detection }) => detection), {
    prefer: ["has_stamp", "parent_candid"],
  });
  writer.upsert(
    NonDetection,
    rows.flatMap(({ non_detection }) => non_detection),
    { prefer: ["diffmaglim"] },
  );
  writer.insert(Dataquality, rows.flatMap(({ dataquality }) => dataquality));
  writer.insert(Ps1_ztf, rows.flatMap(({ ps1_ztf }) => ps1_ztf));
  writer.upsert(Reference, rows.flatMap(({ reference }) => reference));
  await writer.flush();
  console.log(`acknowledged up to ${offset}`);
}

console.log(await db.query(AstroObject).count(), "objects");
console.log(await db.query(Detection).count(), "detections");
console.log(deadLetters.length, "rows rejected");
