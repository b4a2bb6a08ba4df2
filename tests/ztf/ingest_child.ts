// Ingests a file of alerts in a separate process.
import { connect } from "@alerce/db-plugins";
import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";

const [path = "", order] = Deno.args;
const alerts = await Array.fromAsync(readAlerts(path));
await using db = await connect(
  JSON.parse(Deno.env.get("DBP_TEST_SETTINGS") ?? "{}"),
);
await ingestAlerts(db, order === "backwards" ? alerts.toReversed() : alerts, {
  batchSize: 100,
});
