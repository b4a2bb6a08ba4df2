import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { ServerSettings } from "./settings.ts";

/** Returns rows in the text format of COPY; none of the texts needs an escape. */
export function copyText(
  rows: readonly object[],
  columns: readonly string[],
): string {
  return rows.map((row) =>
    columns.map((name) => {
      const value: unknown = Reflect.get(row, name);
      return value === null || value === undefined ? "\\N" : String(value);
    }).join("\t") + "\n"
  ).join("");
}

/** Copies a text into a table through the bare driver. */
export async function copyBuffer(
  client: pg.Client,
  target: string,
  text: string,
): Promise<void> {
  await pipeline(
    Readable.from([text]),
    client.query(copyFrom(`copy ${target} from stdin`)),
  );
}

/** Whether `psql` is there. */
export async function hasPsql(): Promise<boolean> {
  try {
    return (await new Deno.Command("psql", {
      args: ["--version"],
      stdout: "null",
    }).output()).success;
  } catch {
    return false;
  }
}

/** Copies a file into a table with `psql`, in the text format or with other options of COPY. */
export async function copyWithPsql(
  settings: ServerSettings,
  target: string,
  file: string,
  options = "",
): Promise<void> {
  await psql(settings, `\\copy ${target} from '${file}' ${options}`);
}

/** Copies a table to a file with `psql`, and returns the number of rows. */
export async function copyToWithPsql(
  settings: ServerSettings,
  source: string,
  file: string,
  options: string,
): Promise<number> {
  const output = await psql(
    settings,
    `\\copy ${source} to '${file}' ${options}`,
  );
  return Number(/^COPY (\d+)/.exec(output)?.[1]);
}

/** Runs a command of `psql` and returns its output. */
async function psql(
  { HOST, PORT, USER, PASSWORD, DB_NAME }: ServerSettings,
  command: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("psql", {
    args: [
      ...["-h", HOST, "-p", String(PORT), "-U", USER, "-d", DB_NAME],
      ...["-c", command],
    ],
    env: { PGPASSWORD: PASSWORD },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** Copies a text to a temporary table like another one, and runs statements, in one transaction. */
export async function throughStage(
  bare: pg.Client,
  table: string,
  text: string,
  statements: readonly string[],
): Promise<void> {
  await bare.query("begin");
  await bare.query(
    `create temporary table stage (like ${table}) on commit drop`,
  );
  await copyBuffer(bare, "stage", text);
  for (const statement of statements) await bare.query(statement);
  await bare.query("commit");
}
