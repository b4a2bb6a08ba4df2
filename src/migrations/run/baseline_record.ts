import type { HistoryRecord, NewRecord } from "../../engine/migrations/mod.ts";
import type { MigrationFiles } from "../folder/folder.ts";

/** What the history says of a migration that is taken as there, without running it. */
export function recordAsThere(
  { id, up, down }: MigrationFiles,
  at: Date,
  state: Pick<HistoryRecord, "fingerprint" | "managed">,
): NewRecord {
  return {
    ...state,
    ...asFilesSay({ id, up, down }),
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

/** What a record takes from the files. */
export function asFilesSay(
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

/** A record without what is filled in where it is written. */
export function newly(record: HistoryRecord): NewRecord {
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
