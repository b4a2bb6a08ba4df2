import { durationText } from "../../base/duration_text.ts";
import { QueryError } from "../../base/errors/mod.ts";
import { STANDARD_INPUT } from "../../load/input/find_files.ts";
import type {
  IngestReport,
  RejectedAlert,
} from "../../alerts/ingest_options.ts";
import { alertsOf } from "../../alerts/read_alerts.ts";
import { alertOf, type ZtfAlert } from "../../alerts/ztf_alert.ts";
import { ingestAlerts } from "../../ztf/ingest.ts";
import { limitsOf } from "../../files/read/limits.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, type Report } from "../terminal/report.ts";
import { assertNoInput } from "./assert_no_input.ts";
import type { Context } from "./context.ts";
import { inputFiles } from "./input_files.ts";
import { openRejects } from "./rejects_file.ts";

/** A file of alerts that was loaded. */
interface LoadedAlerts extends IngestReport {
  readonly file: string;
  readonly rejected: number;
  readonly milliseconds: number;
}

/**
 * Loads files of ZTF alerts into ALeRCE's tables.
 *
 * @param rejects the file for alerts that are set aside; without it the first bad alert ends the load
 * @param others the other options of the command, which must be absent
 */
export async function loadAlerts(
  paths: readonly string[],
  rejects: string | undefined,
  others: object,
  { path, open }: Context,
): Promise<Report> {
  assertAbsent(others);
  const files = await inputFiles("alerts", paths);
  if (files.includes(STANDARD_INPUT)) {
    throw new QueryError("Cannot load alerts: --ztf takes files, not -", {
      field: "ztf",
    });
  }
  await assertNoInput("alerts", rejects, files);
  await using connection = await open();
  await using sink = rejects === undefined ? undefined : await openRejects(
    rejects,
    false,
    "Free some space and run the command again",
  );
  await sink?.begin();
  const loaded: LoadedAlerts[] = [];
  let current = 0;
  await interruptible(async (signal) => {
    try {
      for (const file of files) {
        const started = performance.now();
        current = 0;
        let rejected = 0;
        const reject = async (one: Rejected): Promise<void> => {
          rejected++;
          await sink?.write({ file, ...one });
        };
        const isLenient = sink !== undefined;
        const alerts = readable(file, signal, isLenient ? reject : undefined);
        const report = await ingestAlerts(connection, alerts, {
          onBatch: ({ alerts }) => current = alerts,
          ...isLenient
            ? { onRejected: (alert) => reject(rejectedRow(alert)) }
            : {},
        });
        const milliseconds = performance.now() - started;
        loaded.push({ file, ...report, rejected, milliseconds });
        current = 0;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      const stored = loaded.reduce((sum, { alerts }) => sum + alerts, current);
      throw new Error(
        `Interrupted after ${
          counted(stored, "alert")
        }, which are written and stay. Run the command again to load the rest`,
        { cause: error },
      );
    }
  });
  return {
    data: { rejects, files: loaded },
    lines: [
      ...loaded.map(fileLine),
      `${
        counted(loaded.length, "file")
      } of alerts loaded (config from ${path})`,
    ],
    warnings: loaded.some(({ rejected }) => rejected > 0)
      ? [`Some alerts were rejected; they are in ${rejects}`]
      : [],
  };
}

/** An alert that was set aside. */
interface Rejected extends Pick<RejectedAlert, "problems"> {
  readonly line: number | undefined;
  readonly row: object | undefined;
}

/** Reads alerts until the signal is aborted. Alerts that cannot be read are passed to `reject`, if it is given. */
async function* readable(
  file: string,
  signal: AbortSignal,
  reject: ((rejected: Rejected) => Promise<void>) | undefined,
): AsyncGenerator<ZtfAlert> {
  const alerts = alertsOf(
    file,
    limitsOf("readAlerts", {}),
    alertOf,
    reject === undefined
      ? undefined
      : ({ rows }, line) => reject({ line, problems: rows, row: undefined }),
  );
  for await (const alert of alerts) {
    signal.throwIfAborted();
    yield alert;
  }
}

/** Returns what the file of rejected alerts says about one. */
function rejectedRow(
  { alert: { objectId, candid }, problems }: RejectedAlert,
): Rejected {
  return { line: undefined, problems, row: { objectId, candid } };
}

function fileLine(
  { file, alerts, objects, detections, non_detections, rejected, milliseconds }:
    LoadedAlerts,
): string {
  return `${file}: ${counted(alerts, "alert")} in ${
    durationText(milliseconds)
  }: ${objects} new objects, ${detections} detections, ${non_detections} non-detections, ${rejected} rejected`;
}

/** @throws {QueryError} if an option was given that alerts do not have */
function assertAbsent(options: object): void {
  const given = Object.entries(options).find(([, value]) =>
    value !== undefined && value !== false &&
    !(typeof value === "object" && Object.keys(value).length === 0)
  );
  if (given === undefined) return;
  throw new QueryError(
    `Cannot load alerts: --ztf takes only --rejects, not ${
      given[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
        .replace(/^/, "--")
    }`,
    { field: given[0] },
  );
}
