import type { HistoryRecord, NewRecord } from "../../engine/migrations/mod.ts";
import type { MigrationFiles } from "../folder/folder.ts";

/** Returns the record of a migration that is recorded without running it. */
export function baselineRecord(
  { id, up, down }: MigrationFiles,
  at: Date,
  state: Pick<HistoryRecord, "fingerprint" | "managed">,
): NewRecord {
  return {
    ...state,
    ...fileFields({ id, up, down }),
    id,
    kind: "baseline",
    state: "applied",
    direction: "up",
    error: undefined,
    code: undefined,
    startedAt: at,
    finishedAt: at,
    milliseconds: 0,
  };
}

/** Returns the fields of a record that come from the files. */
export function fileFields(
  { up, down }: MigrationFiles,
): Pick<
  NewRecord,
  | "upChecksum"
  | "downChecksum"
  | "downText"
  | "stepsTotal"
  | "stepsDone"
  | "stepHashes"
> {
  const { checksum, steps } = up.script;
  return {
    upChecksum: checksum,
    downChecksum: down?.script.checksum,
    downText: down?.text,
    stepsTotal: steps.length,
    stepsDone: steps.length,
    stepHashes: steps.map(({ hash }) => hash),
  };
}

/** Returns a record without the fields that the session adds. */
export function newRecord(record: HistoryRecord): NewRecord {
  const {
    user: _user,
    host: _host,
    toolVersion: _tool,
    serverVersion: _server,
    format: _format,
    former: _former,
    ...kept
  } = record;
  return kept;
}
