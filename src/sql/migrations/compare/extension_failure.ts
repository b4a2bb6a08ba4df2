import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { Provider } from "../../schema/extension_hint.ts";

/** Returns the error for a type or function in a schema that migrations do not search. */
export function extensionFailure(
  provider: Extract<Provider, { readonly kind: "elsewhere" | "other" }>,
  home: string,
  cause: unknown,
): MigrationError {
  const { message, schema } = provider;
  const advice = provider.kind === "other"
    ? `The schema ${schema} has it, but migrations of the schema ${home} do not search there: write ${schema}.${provider.name} in the models.`
    : `The extension ${provider.extension} provides it, but it is in the schema ${schema}, which migrations of the schema ${home} do not search because it holds tables: write ${schema}. before its names in the models, or move it to a schema without tables: ALTER EXTENSION "${provider.extension}" SET SCHEMA …`;
  return new MigrationError(
    `Cannot create the tables of the models: ${message}. ${advice}`,
    { exitCode: EXIT.undecided, cause },
  );
}
