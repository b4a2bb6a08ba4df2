import { z } from "zod";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";

/** Where applied migrations are recorded, on any engine. */
export const HISTORY = "dbp_migrations";
/** The version of the history that this package writes, and the newest that it reads. */
export const FORMAT = 1;

/** How many former runs of a migration are kept. */
export const FORMER = 100;

/** What a record of any newer format has. */
const Newer = z.object({
  id: z.string(),
  format: z.coerce.number().int().min(FORMAT + 1),
});

/** What a record cannot be read for. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * What there is of a record that this package cannot read: of a newer format
 * enough to be refused by that.
 *
 * @param history what the history is called
 * @param given the record's `id` and `format`, as they are
 * @throws {MigrationError} with exit code 4 where it is of no newer format
 */
export function unread(
  history: string,
  given: { readonly id: unknown; readonly format: unknown },
  issues: readonly Issue[],
): HistoryRecord {
  const newer = Newer.safeParse(given).data;
  if (newer !== undefined) return { ...NOTHING, ...newer };
  const wrong = issues.map(({ path, message }) =>
    `${path.map(String).join(".")}: ${message}`
  );
  throw new MigrationError(
    `The history ${history} cannot be read${
      typeof given.id === "string" ? `, at ${given.id}` : ""
    }: ${
      wrong.join("; ")
    }. This package did not write it so: put the record right by hand`,
    { exitCode: EXIT.invalid },
  );
}

const NOTHING: Omit<HistoryRecord, "id" | "format"> = {
  kind: "migrate",
  state: "running",
  direction: "up",
  upChecksum: "",
  downChecksum: undefined,
  downText: undefined,
  stepsTotal: 0,
  stepsDone: 0,
  stepHashes: [],
  fingerprint: undefined,
  managed: [],
  error: undefined,
  code: undefined,
  startedAt: new Date(0),
  finishedAt: undefined,
  milliseconds: undefined,
  user: "",
  host: "",
  toolVersion: "",
  serverVersion: "",
  former: [],
};
