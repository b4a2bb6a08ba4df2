import type { Draft, DraftStep } from "../../../engine/migrations/mod.ts";
import { STEP } from "../../../migrations/plan/draft.ts";
import type { AnyModel } from "../../../model/types.ts";
import { quoted } from "../../codec/quote.ts";
import {
  createEnum,
  type EnumDifference,
  enumDifferences,
} from "../../schema/enum_types.ts";
import { run } from "../../link/run.ts";
import type { SchemaObject } from "./schema_objects.ts";
import type { Scratch } from "./scratch_schema.ts";

/**
 * Creates the enum types of models that are missing or lack values, with all
 * their values, in the scratch schema, where they come before those of the live
 * schema: the server lets no transaction use a value that it added.
 *
 * @param isCreated the types to create (default: all)
 */
export async function createScratchEnums(
  { tx }: Scratch,
  models: readonly AnyModel[],
  isCreated: (type: EnumDifference) => boolean = () => true,
): Promise<readonly EnumDifference[]> {
  const types = await enumDifferences(tx, models);
  for (const type of types.filter(isCreated)) await run(tx, createEnum(type));
  return types;
}

/** Returns whether a statement adds a value to an enum type, which the scratch type has already. */
export function addsScratchValue(statement: string): boolean {
  return /^ALTER TYPE \S+ ADD VALUE /.test(statement);
}

/** Returns the types to create as objects of the schema; in a database that starts with the file, also those that exist. */
export function enumObjects(
  types: readonly EnumDifference[],
  every: boolean,
): SchemaObject[] {
  return types.filter(({ isNew }) => isNew || every).map((type) => ({
    kind: "type",
    name: type.name,
    create: createEnum(type),
  }));
}

/** Returns both files, with a first step that adds values to existing enum types; the down migration keeps them. */
export function withNewValues(
  { up, down }: { readonly up: Draft; readonly down: Draft },
  types: readonly EnumDifference[],
): { readonly up: Draft; readonly down: Draft } {
  const changed = types.filter(({ added }) => added.length > 0);
  if (changed.length === 0) return { up, down };
  const kept = changed.map(({ name, added }) =>
    `${added.map(({ value }) => quoted(value)).join(", ")} of ${name}`
  ).join(", ");
  const why = `PostgreSQL cannot remove values of an enum type: ${kept}`;
  const last = down.steps.at(-1);
  return {
    up: { ...up, steps: [valueStep(changed), ...up.steps] },
    down: last === undefined ? { ...down, irreversible: why } : {
      ...down,
      steps: [...down.steps.slice(0, -1), {
        ...last,
        comments: [...last.comments ?? [], `${why} stays.`],
      }],
    },
  };
}

function valueStep(types: readonly EnumDifference[]): DraftStep {
  return {
    ...STEP,
    statements: types.flatMap(({ name, added }) =>
      added.map(({ value, position }) =>
        `ALTER TYPE ${name} ADD VALUE IF NOT EXISTS ${
          quoted(value)
        } ${position}`
      )
    ),
  };
}
