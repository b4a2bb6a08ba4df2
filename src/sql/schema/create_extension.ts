import { printable } from "../../base/errors/printable.ts";
import { named, quotedName } from "../codec/quote.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";
import type { SqlLink } from "../link/link.ts";
import { row, run } from "../link/run.ts";

/** An extension that models need. */
export interface Extension {
  readonly name: string;
  /** The schema in which the models expect it (default: that of the connection). */
  readonly schema: string | undefined;
}

/** Why an extension cannot be created, and what to do. */
export interface ExtensionProblem {
  /** The change that is not made, with the reason. */
  readonly change: string;
  /** SQL, with a comment that says who must run it. */
  readonly sketch: string;
}

/** Creates an extension in a transaction, or returns why it cannot; then the transaction can continue. */
export async function createExtension(
  tx: SqlLink,
  extension: Extension,
): Promise<ExtensionProblem | undefined> {
  await run(tx, "SAVEPOINT dbp_extension");
  try {
    await run(tx, extensionStatement(extension));
    await run(tx, "RELEASE SAVEPOINT dbp_extension");
    return undefined;
  } catch (error) {
    await run(tx, "ROLLBACK TO SAVEPOINT dbp_extension");
    const { code, message = String(error) } = serverErrorOf(error) ?? {};
    const about = await row(tx, ABOUT, [extension.name]);
    const [role = "", database = "", trusted, isInstalled] = about.map((it) =>
      it ?? ""
    );
    if (isInstalled !== "t") return absentExtension(extension.name, message);
    const permitted = trusted === "t"
      ? `a role with the CREATE privilege on the database ${database}`
      : "a superuser";
    const isForbidden = code === SQLSTATE.insufficientPrivilege;
    const why = isForbidden
      ? `the role ${role} is not permitted, ${permitted} is`
      : `the server rejects it: ${message}`;
    const grant = trusted === "t" && isForbidden
      ? `-- Or let the owner of the database run: GRANT CREATE ON DATABASE ${
        printable(named(database))
      } TO ${printable(named(role))};\n`
      : "";
    return {
      change: `add the extension ${extension.name} (${why})`,
      sketch: `-- Or let ${printable(permitted)} run this in the database ${
        printable(database)
      }, and run make_migrations again.\n${grant}${
        extensionStatement(extension)
      };`,
    };
  }
}

/** Returns the problem of an extension that the server does not have. */
export function absentExtension(
  name: string,
  message: string,
): ExtensionProblem {
  return {
    change:
      `add the extension ${name} (${message}; this server does not have the extension)`,
    sketch:
      `-- The server's administrator must install the extension first. PGlite has only the extensions that it is opened with.\n${
        extensionStatement({ name, schema: undefined })
      };`,
  };
}

/** Returns the statement that creates an extension. */
export function extensionStatement({ name, schema }: Extension): string {
  const clause = schema === undefined ? "" : ` SCHEMA ${named(schema)}`;
  return `CREATE EXTENSION IF NOT EXISTS ${quotedName(name)}${clause}`;
}

/** The role, the database, whether the CREATE privilege on the database permits the extension, and whether the server has it. */
const ABOUT = `
select current_user, current_database(), (
  select v.trusted or not v.superuser
  from pg_available_extensions a
  join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
  where a.name = $1), exists (select from pg_available_extensions where name = $1)`;
