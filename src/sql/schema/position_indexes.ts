import type { AnyModel } from "../../model/types.ts";
import { positionOf } from "../../query/statement/position.ts";
import type {
  PositionExtension,
  PositionIndex,
} from "../compile/position_index.ts";
import { quotedName, quotedPath } from "../codec/quote.ts";
import type { SqlLink } from "../link/link.ts";
import { positionIndexKind } from "./table.ts";

/** The position indexes of the tables of one connection. */
export interface PositionIndexes {
  /** Reads which of these tables have a position index. Returns a promise only if it must read. */
  prepare(
    link: SqlLink,
    models: readonly AnyModel[],
  ): Promise<void> | undefined;
  /** Returns the index of a table that has been read; undefined if it has none. */
  of(model: AnyModel): PositionIndex | undefined;
  /** Forgets all indexes, which may have changed. */
  forget(): void;
}

/** Milliseconds after which a missing index is looked for again. */
const AGAIN_AFTER = 1_000;

/** The position index of a table. */
interface Known {
  readonly index: PositionIndex | undefined;
  /** The time until which it is valid. */
  readonly until: number;
}

/** Creates the position indexes of the tables of a schema, which are read when they are first needed. */
export function createPositionIndexes(
  schema: string | undefined,
): PositionIndexes {
  let known = new WeakMap<AnyModel, Known>();
  const isUnknown = (model: AnyModel): boolean => {
    const found = known.get(model);
    if (found?.index !== undefined) return false;
    return positionIndexKind(model) !== undefined &&
      (found === undefined || found.until < performance.now());
  };
  async function readAll(
    link: SqlLink,
    models: readonly AnyModel[],
  ): Promise<void> {
    const to = known;
    for (const model of models) {
      const index = await read(link, model, schema);
      const until = index === undefined
        ? performance.now() + AGAIN_AFTER
        : Infinity;
      to.set(model, { index, until });
    }
  }
  return {
    prepare(link, models) {
      const unknown = models.filter(isUnknown);
      return unknown.length === 0 ? undefined : readAll(link, unknown);
    },
    of: (model) => known.get(model)?.index,
    forget() {
      known = new WeakMap();
    },
  };
}

async function read(
  link: SqlLink,
  model: AnyModel,
  schema: string | undefined,
): Promise<PositionIndex | undefined> {
  const using = positionIndexKind(model);
  const position = positionOf(model);
  if (using === undefined || position === undefined) return undefined;
  const table = quotedPath({ schema, name: model.table });
  let index: PositionIndex | undefined;
  const zones = {
    text: ZONES,
    values: [table, position.ra.column, position.dec.column],
  };
  const extension = (name: PositionExtension): typeof zones => ({
    text: INDEX,
    values: [table, name, ...FUNCTIONS[name]],
  });
  await link.query(
    {
      ...using === "zones" ? zones : extension(using),
      isCatalogRead: true,
    },
    ([place, count]) => {
      const rows = Number(count);
      index = {
        using,
        prefix: using === "zones" ? "" : `${quotedName(place ?? "")}.`,
        rows: rows > 0 ? rows : undefined,
      };
    },
  );
  return index;
}

/** The number of rows of the table `$1` when it was last analyzed. */
const ROWS =
  "(select cast(t.reltuples as bigint) from pg_catalog.pg_class t where t.oid = pg_catalog.to_regclass($1))";

/** A row if the table `$1` has a valid index of zones, whose other keys are the columns `$2` and `$3`. */
const ZONES = `
select '', ${ROWS}
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = c.relam and m.amname = 'btree'
join pg_catalog.pg_attribute r on r.attrelid = i.indrelid and r.attnum = i.indkey[1] and r.attname = $2
join pg_catalog.pg_attribute d on d.attrelid = i.indrelid and d.attnum = i.indkey[2] and d.attname = $3
where i.indrelid = pg_catalog.to_regclass($1) and i.indisvalid and i.indpred is null and i.indnkeyatts = 3
  and pg_catalog.strpos(pg_catalog.pg_get_indexdef(i.indexrelid, 1, true), 'floor(') > 0
limit 1`;

/** The function of the extension that an index calls, and another function in its expression. */
const FUNCTIONS = {
  cube: ["cube", "cosd"],
  q3c: ["q3c_ang2ipix", "q3c_ang2ipix"],
} as const;

/** The schema of the extension \`$2\`, if the table \`$1\` has a valid index on such an expression and the role may use the schema. */
const INDEX = `
select n.nspname, ${ROWS}
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where e.extname = $2 and pg_catalog.has_schema_privilege(n.oid, 'usage') and exists (
  select from pg_catalog.pg_index i
  join pg_catalog.pg_depend d on d.classid = cast('pg_catalog.pg_class' as pg_catalog.regclass) and d.objid = i.indexrelid
    and d.refclassid = cast('pg_catalog.pg_proc' as pg_catalog.regclass)
  join pg_catalog.pg_proc p on p.oid = d.refobjid and p.pronamespace = n.oid
  where i.indrelid = pg_catalog.to_regclass($1) and i.indisvalid and p.proname = $3
    and pg_catalog.strpos(pg_catalog.pg_get_indexdef(i.indexrelid), cast($4 as text) || '(') > 0)`;
