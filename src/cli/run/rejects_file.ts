import { open } from "node:fs/promises";
import { messageOf, QueryError } from "../../base/errors/mod.ts";
import { stringify } from "../../model/row.ts";

/** A row or an alert that was refused. */
interface Rejected {
  readonly file: string;
  /** The line of the row; undefined for an alert. */
  readonly line: number | undefined;
  readonly problems: readonly {
    readonly field: string;
    readonly reason: string;
  }[];
  readonly row: unknown;
}

/** The file of `--rejects`: one JSON object a line. */
interface RejectsFile extends AsyncDisposable {
  write(rejected: Rejected): Promise<void>;
  /** Empties the file, unless its lines are kept. */
  begin(): Promise<void>;
  /** Keeps the lines of earlier loads. */
  keep(): void;
}

/**
 * Opens the file of `--rejects`.
 *
 * @param keeps whether to add to the lines of earlier loads
 * @param advice what to do if a line cannot be written
 */
export async function openRejects(
  path: string,
  keeps: boolean,
  advice: string,
): Promise<RejectsFile> {
  const file = await open(path, "a");
  const found = await file.stat();
  const isFile = found.isFile();
  let { size } = found;
  let isKept = keeps || !isFile;
  const begin = async (): Promise<void> => {
    if (!isKept) {
      await file.truncate();
      size = 0;
    }
    isKept = true;
  };
  return {
    begin,
    keep: () => void (isKept = true),
    async write({ file: source, line, problems, row }) {
      await begin();
      const field = problems.map(({ field }) => field).join(", ");
      const reason = problems.map(({ reason }) => reason).join("; ");
      const text = stringify({ file: source, line, field, reason, row });
      const bytes = new TextEncoder().encode(`${text}\n`);
      try {
        await file.appendFile(bytes);
      } catch (cause) {
        // A part of the line may be written.
        if (isFile) await file.truncate(size).catch(() => {});
        const position = line === undefined ? "" : `, line ${line},`;
        throw new QueryError(
          `Cannot write the rejected row of ${source}${position} to ${path}: ${
            messageOf(cause)
          }. ${advice}`,
          { field: "rejects", cause },
        );
      }
      size += bytes.length;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
