import type { LiveTable } from "../../schema/introspect.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { lostName } from "../file/destructive_names.ts";
import type { ChangeOf } from "../compare/change.ts";
import { typeText } from "../compare/create_sql.ts";
import { named } from "../../codec/quote.ts";

/** Gives a column another type. */
export function alterType(
  { table, from, to }: ChangeOf<"alter-type">,
): string {
  const type = typeText(
    to.collation === null && from.collation !== null
      ? { ...to, collation: '"default"' }
      : to,
  );
  return `ALTER TABLE ${named(table)} ALTER COLUMN ${
    named(to.name)
  } TYPE ${type}`;
}

/** How a type is changed that the server cannot change in place: another column, kept alike, which takes over. */
export function otherColumnSketch(
  { table, from, to }: ChangeOf<"alter-type">,
  { triggers, views }: LiveTable,
): string {
  const t = named(table);
  const c = named(to.name);
  const n = named(`${to.name}_new`);
  // Enums turn into each other and into texts as texts alone.
  const cast = from.values === null && to.values === null
    ? ""
    : `::text::${to.type}`;
  const fired = triggers.length === 0
    ? ""
    : `-- Each UPDATE of ${t} fires its triggers: ${
      triggers.map(({ name }) => name).join(", ")
    }. See that they may, and that none names ${c} when it is dropped.
`;
  const shows = views.filter(({ columns }) => columns.includes(to.name))
    .map(({ name, kind }) =>
      `-- The ${kind} ${name} shows ${c}: drop it first and make it again last.\n`
    ).join("");
  const sync = named(`${table}_${to.name}_sync`);
  const required = to.nullable
    ? ""
    : `\n-- The next \`dbp make_migrations\` requires ${c} again, as it was.`;
  return `-- dbp:destructive drop-column ${
    lostName(place.column(table, to.name))
  }
-- dbp:ignore rename ${n} takes over
-- One release: a second column that is kept alike and filled.
ALTER TABLE ${t} ADD COLUMN ${n} ${typeText(to)};
CREATE FUNCTION ${sync}() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.${n} := NEW.${c}${cast}; RETURN NEW; END $$;
CREATE TRIGGER ${sync} BEFORE INSERT OR UPDATE ON ${t}
  FOR EACH ROW EXECUTE FUNCTION ${sync}();
${fired}-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${n} = ${c}${cast} WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${n} IS NULL AND ${c} IS NOT NULL LIMIT 10000);
-- Keys, indexes and rules over ${c} are made over ${n} too. Then it takes over.
-- dbp:step
DROP TRIGGER ${sync} ON ${t};
DROP FUNCTION ${sync}();
${shows}ALTER TABLE ${t} DROP COLUMN ${c};
ALTER TABLE ${t} RENAME COLUMN ${n} TO ${c};${required}`;
}
