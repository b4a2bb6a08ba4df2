import { type FileHandle, open as openFile } from "node:fs/promises";
import { durationText } from "../../base/duration_text.ts";
import { QueryError, ValidationError } from "../../base/errors/mod.ts";
import { findFiles, STANDARD_INPUT } from "../../load/input/find_files.ts";
import { stringify } from "../../model/row.ts";
import type { ZtfAlert } from "../../ztf/alert.ts";
import { alertRows } from "../../ztf/alert_rows.ts";
import { ingestAlerts, type IngestReport } from "../../ztf/ingest.ts";
import { limitsOf } from "../../ztf/input/limits.ts";
import { alertsOf } from "../../ztf/read_alerts.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, type Report } from "../terminal/report.ts";
import { assertNoInput } from "./assert_no_input.ts";
import type { Context } from "./context.ts";

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
  const files = await findFiles(paths, missing);
  if (files.includes(STANDARD_INPUT)) {
    throw new QueryError("Cannot load alerts: --ztf takes files, not -", {
      field: "ztf",
    });
  }
  await assertNoInput("alerts", rejects, files);
  await using connection = await open();
  await using sink = rejects === undefined
    ? undefined
    : await openFile(rejects, "w");
  const loaded: LoadedAlerts[] = [];
  let current = 0;
  await interruptible(async (signal) => {
    try {
      for (const file of files) {
        const started = performance.now();
        current = 0;
        const bad: Rejected[] = [];
        const alerts = readable(
          file,
          signal,
          sink === undefined ? undefined : bad,
        );
        const report = await ingestAlerts(connection, alerts, {
          onBatch: ({ alerts }) => current = alerts,
        });
        if (sink !== undefined) await write(sink, bad);
        const milliseconds = performance.now() - started;
        loaded.push({ file, ...report, rejected: bad.length, milliseconds });
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
interface Rejected {
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string;
  readonly reason: string;
  readonly row: object | undefined;
}

/** Reads alerts until the signal is aborted. Bad alerts are added to a list, if there is one. */
async function* readable(
  file: string,
  signal: AbortSignal,
  bad: Rejected[] | undefined,
): AsyncGenerator<ZtfAlert> {
  const reject = (
    { rows }: ValidationError,
    line?: number,
    row?: object,
  ): void => {
    const field = rows.map(({ field }) => field).join(", ");
    const reason = rows.map(({ reason }) => reason).join("; ");
    bad?.push({ file, line, field, reason, row });
  };
  const alerts = alertsOf(
    file,
    limitsOf("readAlerts", {}),
    bad === undefined ? undefined : reject,
  );
  for await (const alert of alerts) {
    signal.throwIfAborted();
    try {
      if (bad !== undefined) alertRows(alert);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      const { objectId, candid } = alert;
      reject(error, undefined, { objectId, candid });
      continue;
    }
    yield alert;
  }
}

async function write(
  sink: FileHandle,
  bad: readonly Rejected[],
): Promise<void> {
  for (const alert of bad) await sink.write(`${stringify(alert)}\n`);
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

function missing(path: string): ValidationError {
  return new ValidationError(
    "alerts",
    [{
      index: 0,
      field: path,
      value: path,
      reason: "is neither a file nor a folder or pattern with files",
    }],
    { isOneRow: true, action: "load" },
  );
}
