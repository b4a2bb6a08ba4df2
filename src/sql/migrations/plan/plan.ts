import type {
  PlanOptions,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import { EMPTY, planOf } from "../../../migrations/plan/draft.ts";
import { migrationName } from "../../../migrations/plan/migration_name.ts";
import { resolvedIntent } from "../../../migrations/plan/resolved_intent.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link/link.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { extensionChanges, withNewExtensions } from "../compare/extensions.ts";
import { enumDifferenceTexts } from "../../schema/enum_types.ts";
import { withNewValues } from "../compare/enum_types.ts";
import { heldIn, WORDS } from "../compare/renames.ts";
import { withSchemaObjects } from "../compare/schema_objects.ts";
import { inScratch } from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { questions } from "../decide/questions.ts";
import { settle } from "../decide/settle.ts";
import { violations } from "../decide/violations.ts";
import { draftsOf } from "../steps/drafts_of.ts";
import { differenceBetween } from "./schema_difference.ts";

/**
 * Plans the files that make the tables match the models. The wanted tables are
 * created beside the live tables in a transaction that is rolled back, so that
 * the server describes both in the same way.
 *
 * @param schema the schema of the tables (default: that of the connection)
 * @throws {MigrationError} if an option of the user matches nothing
 */
export async function planSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  options: PlanOptions,
): Promise<SchemaPlan> {
  return await inScratch(driver, schema, async (scratch) => {
    const live = options.empty === true ? new Map() : scratch.live;
    const { value: wanted, extensions, objects, types, missing } =
      await wantedTables(
        scratch,
        models,
        {
          // A database that starts with this file may have no extensions, types and sequences.
          every: options.empty,
          adopting: options.adopting,
        },
      );
    const typeTexts = enumDifferenceTexts(types);
    const forExtensions = extensionChanges({ extensions, missing });
    if (wanted === undefined) {
      return {
        up: EMPTY,
        down: EMPTY,
        name: "add_extension",
        changes: forExtensions,
        unmanaged: [],
        decisions: [],
        refused: missing === undefined ? [] : [missing],
      };
    }
    const { intent } = resolvedIntent(options, models, heldIn(live), WORDS);
    const found = await differenceBetween(
      scratch,
      models,
      live,
      wanted,
      options,
    );
    const { changes, refused, decisions } = await settle({
      scratch,
      models,
      intent,
      ...found,
    });
    const drafts = draftsOf(changes, {
      version: scratch.version,
      current: found.current,
      wanted,
    });
    return planOf({
      ...withNewExtensions(
        withNewValues(withSchemaObjects(drafts, objects), types),
        extensions,
      ),
      name: options.empty === true
        ? "initial"
        : migrationName([...typeTexts, ...changes.map(differenceOf)]),
      changes: [
        ...forExtensions,
        ...typeTexts.map(({ change }) => change),
        ...found.changes.map((change) => differenceOf(change).change),
      ],
      unmanaged: found.unmanaged,
      decisions: [
        ...questions(found.changes, changes, intent),
        ...decisions,
      ],
      refused: missing === undefined ? refused : [missing, ...refused],
      violations: options.empty === true || decisions.length > 0
        ? []
        : await violations({ scratch, changes, renames: found.renames }),
    });
  });
}
