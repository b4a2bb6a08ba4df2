import pg from "pg";
import { clientConfig } from "../support/engines.ts";

/** Creates an empty database on the PostgreSQL server of the tests, which ends with the server. */
export async function createDatabase(
  ...statements: readonly string[]
): Promise<string> {
  const name = `docs_${crypto.randomUUID().slice(0, 8)}`;
  await run("postgres", [`create database ${name}`]);
  await run(name, statements);
  return name;
}

/** Runs statements in a database as its administrator. */
export async function run(
  database: string,
  statements: readonly string[],
): Promise<void> {
  const client = new pg.Client({ ...clientConfig(), database });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
