// Ingests a file of alerts in a separate process. With "stalls", it never commits its first batch, and reports when it is written.
import { connect, type Connection } from "@alerce/db-plugins";
import { ingestAlerts, readAlerts } from "@alerce/db-plugins/ztf";

const [path = "", order] = Deno.args;
const alerts = await Array.fromAsync(readAlerts(path));
await using db = await connect(
  JSON.parse(Deno.env.get("DBP_TEST_SETTINGS") ?? "{}"),
);
const stalling: Pick<Connection, "transaction"> = {
  transaction: (fn, options) =>
    db.transaction(async (tx) => {
      await fn(tx);
      await Deno.stdout.write(new TextEncoder().encode("written"));
      // The timer keeps the process alive.
      const { promise } = Promise.withResolvers<never>();
      setInterval(() => {}, 1_000);
      return await promise;
    }, options),
};
await ingestAlerts(
  order === "stalls" ? stalling : db,
  order === "backwards" ? alerts.toReversed() : alerts,
  { batchSize: 100 },
);
