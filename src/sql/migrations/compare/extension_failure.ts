import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { Provider } from "../../schema/extension_hint.ts";

/** Why the server cannot make the models' tables, where what lacks is in a schema in which migrations do not look. */
export function unmade(
  provider: Extract<Provider, { readonly kind: "elsewhere" | "other" }>,
  home: string,
  cause: unknown,
): MigrationError {
  const { message, schema } = provider;
  const where =
    `in the schema ${schema}, where migrations of ${home} do not look`;
  return new MigrationError(
    `Cannot make the models' tables: ${message}. ${
      provider.kind === "other"
        ? `One is ${where}: write ${schema}.${provider.name} in the models`
        : `The extension ${provider.extension} provides it, which is ${where}, for it holds tables: write ${schema}. before its names in the models, or move it to a schema without tables, ALTER EXTENSION "${provider.extension}" SET SCHEMA …`
    }`,
    { exitCode: EXIT.undecided, cause },
  );
}
