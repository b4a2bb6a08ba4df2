// deno-lint-ignore-file no-console
// Ingests real alerts and prints a light curve, on the database of the settings.
//   deno task demo
//   deno task demo --settings_path ./conf/settings.ts
import { connect } from "@alerce/db-plugins";
import { ingestAlerts, lightcurve, readAlerts } from "@alerce/db-plugins/ztf";
import { main } from "@alerce/db-plugins/cli";
import { AstroObject } from "@alerce/db-plugins/models";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadSettings } from "../src/settings/load.ts";
import { chart, table } from "./chart.ts";

const ALERTS = fileURLToPath(
  new URL("./data/ztf_alerts_small.ndjson.gz", import.meta.url),
);
const OID = "ZTF19aazzpje";
const SHOWN = 12;

const { values: { settings_path, migrations } } = parseArgs({
  options: {
    migrations: {
      type: "string",
      default: fileURLToPath(new URL("../.dbp/migrations", import.meta.url)),
    },
    settings_path: {
      type: "string",
      default: fileURLToPath(new URL("../settings.ts", import.meta.url)),
    },
  },
});

const initdb = [
  "initdb",
  ...["--settings_path", settings_path, "--migrations", migrations],
];
console.log(`$ dbp ${initdb.join(" ")}`);
const code = await main(initdb);
if (code !== 0) Deno.exit(code);

const { entries, models, engines } = await loadSettings(settings_path);
await using db = await connect(entries, {
  engines,
  ...(models === undefined ? {} : { models }),
});
const { alerts, ...written } = await ingestAlerts(db, readAlerts(ALERTS));
const isNew = Object.values(written).some((count) => count > 0);
console.log(
  `\nRead ${alerts} real ZTF alerts: ${
    isNew
      ? `${written.objects} objects, ${written.detections} detections and ${written.non_detections} non-detections are new`
      : `all their objects, detections and non-detections already existed (${await db
        .query(AstroObject).count()} objects)`
  }`,
);

const object = await db.query(AstroObject).findOne({ filterBy: { oid: OID } });
const curve = await lightcurve(db, OID);
console.log(
  `\n${object}: ${object?.ndet} detections around ra ${
    object?.meanra?.toFixed(5)
  }°, dec ${
    object?.meandec?.toFixed(5)
  }°, and ${curve.non_detections.length} visits without a detection. The last ${SHOWN}:\n`,
);
console.log(table(curve, SHOWN).join("\n"));
if (Deno.stdout.isTerminal()) console.log(`\n${chart(curve)}`);
console.log(`
Next:
  npx -y deno@2.9.6 task dbp --help
  npx -y deno@2.9.6 run -A examples/seed.ts
  npx -y deno@2.9.6 task test`);
