import type { ChangeOf } from "./changes.ts";
import { typeText } from "./create.ts";
import { named } from "./quote.ts";

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
  { table, to }: ChangeOf<"alter-type">,
): string {
  const t = named(table);
  const c = named(to.name);
  const n = named(`${to.name}_new`);
  const sync = named(`${table}_${to.name}_sync`);
  return `-- One release: a second column that is kept alike and filled.
ALTER TABLE ${t} ADD COLUMN ${n} ${typeText(to)};
CREATE FUNCTION ${sync}() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.${n} := NEW.${c}; RETURN NEW; END $$;
CREATE TRIGGER ${sync} BEFORE INSERT OR UPDATE ON ${t}
  FOR EACH ROW EXECUTE FUNCTION ${sync}();
-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${n} = ${c} WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${n} IS NULL AND ${c} IS NOT NULL LIMIT 10000);
-- Keys, indexes and rules over ${c} are made over ${n} too. Then, in a step of its own, it takes over.
DROP TRIGGER ${sync} ON ${t};
DROP FUNCTION ${sync}();
ALTER TABLE ${t} DROP COLUMN ${c};
ALTER TABLE ${t} RENAME COLUMN ${n} TO ${c};`;
}
