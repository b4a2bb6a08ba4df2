import type { AnyModel } from "../../model/types.ts";
import { named } from "../codec/quote.ts";
import type { SqlLink } from "../link/link.ts";
import type { LiveTable } from "./introspect.ts";
import {
  positionIndexKind,
  positionIndexName,
  type PositionPrefixes,
} from "./table.ts";

/** Returns the text before the functions of each extension of position indexes, with the search path of the link. */
export async function positionPrefixes(
  link: SqlLink,
): Promise<PositionPrefixes> {
  const prefixes = { zones: "", cube: "", q3c: "" };
  await link.query(
    { text: EXTENSIONS, values: [] },
    ([name, schema, isSearched]) => {
      if (isSearched === "t") return;
      if (name === "cube" || name === "q3c") {
        prefixes[name] = `${named(schema ?? "")}.`;
      }
    },
  );
  return prefixes;
}

/** The extensions, their schemas, and whether those are on the search path. */
const EXTENSIONS = `
select e.extname, n.nspname, n.nspname = any(current_schemas(true))
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where e.extname in ('cube', 'q3c')`;

/** Whether an existing table lacks the position index of its model. */
export function lacksPositionIndex(
  model: AnyModel,
  live: LiveTable | undefined,
): boolean {
  const using = positionIndexKind(model);
  if (using === undefined || live === undefined) return false;
  const name = positionIndexName(model.table);
  return !live.indexes.some((index) =>
    index.name === name || index.definition.includes(WORDS[using])
  );
}

/** A function in the definition of each kind of position indexes. */
const WORDS = { zones: "floor(", cube: "cosd(", q3c: "q3c_ang2ipix(" } as const;
