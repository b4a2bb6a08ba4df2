import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { isExactKey } from "../codec/stored_form.ts";
import { writeArrayText, writeText } from "../codec/value_text.ts";
import { readValue } from "../codec/written_value.ts";
import type { SqlLink } from "../link/link.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";

/**
 * Returns for each key a number that is equal for two keys exactly if the
 * columns hold them equal, and undefined for a key with null. Returns undefined
 * if JavaScript compares these fields as their columns do.
 */
export async function keyIdentities(
  tables: FactsOfTables,
  link: SqlLink,
  model: AnyModel,
  fields: readonly Field[],
  keys: () => readonly (readonly unknown[])[],
): Promise<readonly unknown[] | undefined> {
  const { columns } = await tables.of(link, model);
  if (fields.every((field) => isExactKey(field, columns.get(field.column)))) {
    return undefined;
  }
  const values = keys();
  const arrays = fields.map((_, index) => `cast($${index + 1} as text[])`);
  const names = fields.map((_, index) => `k${index}`);
  const parts = fields.map((field, index) =>
    readValue(field, columns, `k${index}`)
  );
  const identities: (string | null)[] = [];
  await link.query({
    text: `select case when ${
      names.map((name) => `${name} is not null`).join(" and ")
    } then dense_rank() over (order by ${parts.join(", ")}) end from unnest(${
      arrays.join(", ")
    }) with ordinality as keys(${names.join(", ")}, n) order by n`,
    values: fields.map((field, index) =>
      writeArrayText(
        { type: { kind: "string" } },
        values.map((key) => {
          const value = key[index];
          return value === null || value === undefined
            ? null
            : writeText(field, value);
        }),
      )
    ),
  }, ([identity]) => void identities.push(identity ?? null));
  return identities.map((identity) => identity ?? undefined);
}
