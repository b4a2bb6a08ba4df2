import { join } from "node:path";
import pg from "pg";
import { dbp, dbpProcess, type Ran } from "./cli.ts";
import { clientConfig, freshSchema, postgresSettings } from "./engines.ts";

/** The source text of `MODELS` for each version; it can use `model` and `z`. */
export type Versions = Readonly<Record<string, string>>;

/** A folder with settings for each version of the models, migrations and a database. */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** The settings file of a version. */
  settings(version: string): string;
  /** Runs `dbp` in this process. Times, paths and other variable text are replaced by words. */
  dbp(version: string, line: string): Promise<Ran>;
  /** Runs `dbp` in a separate process. */
  process(version: string, line: string): Promise<Ran>;
  /** Replaces variable text by words. */
  plain(text: string): string;
  /** The names of the migration files, in order. */
  files(): Promise<string[]>;
  /** The text of the file whose name has this end. */
  read(end: string): Promise<string>;
  /** Writes a migration file. */
  write(name: string, text: string): Promise<void>;
}

/** A project whose database is a schema on the server of the tests. */
export interface ServerProject extends Project {
  readonly schema: string;
  /** Runs a statement in the schema. */
  sql(text: string): Promise<Record<string, unknown>[]>;
}

/** A project on PGlite. */
export function embeddedProject(versions: Versions): Promise<Project> {
  return project(
    versions,
    (folder) => ({ ENGINE: "pglite", DB_NAME: join(folder, "data") }),
  );
}

/** A project on PostgreSQL; version 18 by default. */
export async function serverProject(
  versions: Versions,
  server: Record<string, unknown> = postgresSettings(),
): Promise<ServerProject> {
  const schema = freshSchema();
  const base = await project(versions, () => ({ ...server, SCHEMA: schema }));
  const client = new pg.Client({
    ...clientConfig(server),
    options: `-c search_path=${schema}`,
  });
  await client.connect();
  return {
    ...base,
    schema,
    plain: (text) => base.plain(text).replaceAll(schema, "SCHEMA"),
    dbp: async (version, line) => {
      const { code, out, err } = await base.dbp(version, line);
      const plain = (text: string) => text.replaceAll(schema, "SCHEMA");
      return { code, out: plain(out), err: plain(err) };
    },
    sql: async (text) => (await client.query(text)).rows,
    async [Symbol.asyncDispose]() {
      await client.query(`drop schema if exists "${schema}" cascade`);
      await client.end();
      await base[Symbol.asyncDispose]();
    },
  };
}

async function project(
  versions: Versions,
  entry: (folder: string) => object,
): Promise<Project> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-project-" });
  const migrations = join(folder, "migrations", "sql");
  const settings = (version: string) => join(folder, `${version}.ts`);
  for (const [version, models] of Object.entries(versions)) {
    await Deno.writeTextFile(
      settings(version),
      `import { defineModel as model } from "@alerce/db-plugins";
import { z } from "zod";
export const DB_CONFIG = { SQL: ${JSON.stringify(entry(folder))} };
export const MODELS = [${models}];
`,
    );
  }
  const words = (version: string, line: string) => [
    ...line.split(" "),
    "--settings_path",
    settings(version),
  ];
  const plain = (text: string): string =>
    text.replaceAll(folder, "FOLDER")
      // Hints repeat the options of every command here.
      .replaceAll(
        /`dbp [^`]*`/g,
        (hint) =>
          hint.replaceAll(/ --(?:settings_path|migrations) [^\s`]+/g, ""),
      )
      .replaceAll(/\d{8}T\d{6}/g, "TIME")
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "WHEN")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "WHEN")
      .replaceAll(/\bin [\d.]+ (?:ms|s)\b/g, "in N")
      .replaceAll(/127\.0\.0\.1:\d+/g, "SERVER")
      .replaceAll(/\bby \w+ on \S+$/gm, "by USER on HOST");
  // A concurrent index waits for older transactions, also of other tests.
  const withoutWaits = (text: string): string =>
    text.replaceAll(/^ {2}step \d+ waits for a lock held by .*\n/gm, "");
  const files = async (): Promise<string[]> => {
    const found = await Array.fromAsync(Deno.readDir(migrations)).catch(
      () => [],
    );
    return found.map(({ name }) => name).sort();
  };
  return {
    folder,
    settings,
    plain,
    files,
    dbp: async (version, line) => {
      const { code, out, err } = await dbp(...words(version, line));
      return { code, out: plain(out), err: withoutWaits(plain(err)) };
    },
    process: (version, line) => dbpProcess(words(version, line)),
    read: async (end) => {
      const name = (await files()).find((name) => name.endsWith(end));
      return await Deno.readTextFile(join(migrations, name ?? end));
    },
    write: async (name, text) => {
      await Deno.mkdir(migrations, { recursive: true });
      await Deno.writeTextFile(join(migrations, name), text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Registers a test with a project on the server. */
export function serverTest(
  name: string,
  versions: Parameters<typeof serverProject>[0],
  fn: (project: ServerProject) => Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using project = await serverProject(versions);
      await fn(project);
    },
  });
}

/** The source text of a model of stars with an id, a name and more fields. */
export function star(fields: string, parts = ""): string {
  return `model("star", {
    fields: z.object({ id: z.int32(), name: z.string().nullable(), ${fields} }),
    primaryKey: ["id"],
    ${parts}
  })`;
}
