// Which writes of a table the server may leave out, although the role may make them.
import type { AnyModel } from "../../model/types.ts";
import { quotedPath } from "../codec/quote.ts";
import type { SqlLink } from "../link/link.ts";

/** The writes that a row trigger, a rule, a policy, or a view can skip. */
export interface Skips {
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
}

/** The skips of a missing table. */
export const NO_SKIPS: Skips = { insert: false, update: false, delete: false };

/** Bits of `pg_trigger.tgtype`. */
export const BIT = {
  row: 1,
  before: 2,
  insert: 4,
  delete: 8,
  update: 16,
  instead: 64,
};

/** Values of `pg_rewrite.ev_type`. */
export const RULE = { update: "2", insert: "3", delete: "4" };

/** SQL for the bits of all row triggers that can discard a row of the table `c`, those of its partitions included. */
export const TRIGGERS: string =
  `(select coalesce(bit_or(t.tgtype::int), 0) from pg_catalog.pg_trigger t where (t.tgrelid = c.oid or (c.relkind = 'p' and t.tgrelid in (select p.relid from pg_catalog.pg_partition_tree(c.oid) p)))
    and not t.tgisinternal and t.tgenabled <> 'D' and (t.tgtype & ${BIT.row}) <> 0 and (t.tgtype & ${
    BIT.before | BIT.instead
  }) <> 0)`;
/** SQL for the events of all rules of the table `c`. */
export const RULES: string =
  "(select coalesce(string_agg(w.ev_type::text, ''), '') from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_enabled <> 'D')";

/** What {@link Skips} depend on. */
const SKIPS = `
select c.relkind, pg_catalog.row_security_active(c.oid), ${TRIGGERS}, ${RULES}
from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1)`;

/** Reads which writes of a table can be skipped. */
export async function readSkips(
  link: SqlLink,
  model: AnyModel,
  schema: string | undefined,
): Promise<Skips> {
  let skips = NO_SKIPS;
  await link.query({
    text: SKIPS,
    values: [quotedPath({ schema, name: model.table })],
    isCatalogRead: true,
    name: "dbp_skips",
  }, ([kind, hasPolicies, triggers, rules]) => {
    skips = skipsOf({
      isIndirect: hasPolicies === "t" || kind === "v",
      triggers: Number(triggers),
      rules: String(rules),
    });
  });
  return skips;
}

/** Returns which writes can be skipped. */
export function skipsOf({ isIndirect, triggers, rules }: {
  readonly isIndirect: boolean;
  readonly triggers: number;
  readonly rules: string;
}): Skips {
  const skips = (event: keyof typeof RULE): boolean =>
    isIndirect || rules.includes(RULE[event]) || (triggers & BIT[event]) !== 0;
  return {
    insert: skips("insert"),
    update: skips("update"),
    delete: skips("delete"),
  };
}
