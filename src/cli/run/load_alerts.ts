import { durationText } from "../../base/duration_text.ts";
import { QueryError } from "../../base/errors/mod.ts";
import type { DatabaseConnection } from "../../connection/types.ts";
import { STANDARD_INPUT } from "../../load/input/find_files.ts";
import type {
  IngestReport,
  MultisurveyReport,
  RejectedAlert,
} from "../../alerts/ingest_options.ts";
import {
  alertOf as lsstAlertOf,
  type LsstAlert,
} from "../../alerts/lsst_alert.ts";
import { alertsOf } from "../../alerts/read_alerts.ts";
import {
  alertOf as ztfAlertOf,
  type ZtfAlert,
} from "../../alerts/ztf_alert.ts";
import { limitsOf } from "../../files/read/limits.ts";
import { ingestAlerts } from "../../ztf/ingest.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, type Report } from "../terminal/report.ts";
import { assertNoInput } from "./assert_no_input.ts";
import type { Context } from "./context.ts";
import { inputFiles } from "./input_files.ts";
import { openRejects } from "./rejects_file.ts";

/** Which alerts are loaded, and into which tables. */
interface Kind {
  /** The option that names the survey. */
  readonly survey: "ztf" | "lsst";
  /** The tables; undefined for ALeRCE's 17 tables. */
  readonly schema: "multisurvey" | undefined;
}

/** A file of alerts that was loaded. */
interface LoadedAlerts
  extends IngestReport, Partial<Pick<MultisurveyReport, "forced">> {
  readonly file: string;
  readonly rejected: number;
  readonly milliseconds: number;
}

/**
 * Loads files of alerts into ALeRCE's 17 tables, or into the multi-survey tables.
 *
 * @param rejects the file for alerts that are set aside; without it the first bad alert ends the load
 * @param options the other options of the command: all but `jobs` must be absent
 */
export async function loadAlerts(
  kind: Kind,
  paths: readonly string[],
  rejects: string | undefined,
  { jobs = 1, ...others }: { readonly jobs: number | undefined },
  { path, open }: Context,
): Promise<Report> {
  const { survey } = kind;
  assertAbsent(survey, others);
  const files = await inputFiles("alerts", paths);
  if (files.includes(STANDARD_INPUT)) {
    throw new QueryError(`Cannot load alerts: --${survey} takes files, not -`, {
      field: survey,
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
        const report = await ingest(
          kind,
          connection,
          file,
          {
            jobs,
            onBatch: ({ alerts }) => current = alerts,
            ...isLenient ? { onRejected: reject } : {},
            signal,
          },
        );
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

/** What a load of one file reports, and when it ends. */
interface Ingest {
  readonly jobs: number;
  readonly onBatch: (report: Readonly<IngestReport>) => void;
  /** Receives alerts that are set aside; without it, the first one ends the load. */
  readonly onRejected?: (rejected: Rejected) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Reads the alerts of a file and writes them. */
async function ingest(
  { survey, schema }: Kind,
  connection: Pick<DatabaseConnection, "transaction">,
  file: string,
  { jobs, onBatch, onRejected, signal }: Ingest,
): Promise<IngestReport> {
  const read = <Alert>(alertOf: (packet: unknown) => Alert) =>
    readable(file, signal, alertOf, onRejected);
  const options = {
    jobs,
    onBatch,
    ...onRejected === undefined ? {} : {
      onRejected: ({ alert, problems }: RejectedAlert<ZtfAlert | LsstAlert>) =>
        onRejected({ line: undefined, problems, row: identifiers(alert) }),
    },
  };
  if (schema === undefined) {
    return await ingestAlerts(connection, read(ztfAlertOf), options);
  }
  const alerts: AsyncIterable<ZtfAlert | LsstAlert> = survey === "lsst"
    ? read(lsstAlertOf)
    : read(ztfAlertOf);
  return await ingestAlerts(connection, alerts, { ...options, schema });
}

/** Returns what names an alert in the file of rejected ones. */
function identifiers(alert: ZtfAlert | LsstAlert): object {
  return "diaSourceId" in alert
    ? { diaSourceId: alert.diaSourceId }
    : { objectId: alert.objectId, candid: alert.candid };
}

/** Reads alerts until the signal is aborted. Alerts that cannot be read are passed to `reject`, if it is given. */
async function* readable<Alert>(
  file: string,
  signal: AbortSignal,
  alertOf: (packet: unknown) => Alert,
  reject: ((rejected: Rejected) => Promise<void>) | undefined,
): AsyncGenerator<Alert> {
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

function fileLine(
  { file, alerts, objects, rejected, milliseconds, ...rows }: LoadedAlerts,
): string {
  const measurements = rows.forced === undefined
    ? `${rows.non_detections} non-detections`
    : `${rows.forced} forced measurements`;
  return `${file}: ${counted(alerts, "alert")} in ${
    durationText(milliseconds)
  }: ${objects} new objects, ${rows.detections} detections, ${measurements}, ${rejected} rejected`;
}

/** @throws {QueryError} if an option was given that alerts do not have */
function assertAbsent(survey: Kind["survey"], options: object): void {
  const given = Object.entries(options).find(([, value]) =>
    value !== undefined && value !== false &&
    !(typeof value === "object" && Object.keys(value).length === 0)
  );
  if (given === undefined) return;
  throw new QueryError(
    `Cannot load alerts: --${survey} takes only --rejects and --jobs, not ${
      given[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
        .replace(/^/, "--")
    }`,
    { field: given[0] },
  );
}
