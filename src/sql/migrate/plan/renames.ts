import { MigrationError } from "../../../errors.ts";
import type { Intent } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import { nearest } from "../../../nearest.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Change } from "./changes.ts";
import { place, type Renames } from "./managed.ts";
import type { Tables } from "./scratch.ts";

/**
 * The renames that options and models ask for. One that was made already is
 * quiet.
 *
 * @throws {MigrationError} where the names fit neither the database nor the models
 */
export function renamesOf(
  models: readonly AnyModel[],
  intent: Intent,
  live: Tables,
): Renames {
  const byTable = new Map(models.map((model) => [model.table, model]));
  const asked = new Map([
    ...models.flatMap(({ table, renamedFrom }): [string, string][] =>
      renamedFrom === undefined || live.has(table) || !live.has(renamedFrom) ||
        byTable.has(renamedFrom)
        ? []
        : [[renamedFrom, table]]
    ),
    ...[...intent.renames].filter(([from, to]) =>
      !from.includes(".") || (live.has(from) && byTable.has(to))
    ),
  ]);
  const tables = new Map<string, string>();
  for (const [from, to] of asked) {
    if (!live.has(from) && live.has(to)) continue;
    if (!byTable.has(to)) {
      throw noSuch("model's table", from, to, to, byTable.keys());
    }
    if (!live.has(from)) throw noSuch("table", from, to, from, live.keys());
    if (live.has(to)) {
      throw new MigrationError(
        `Cannot rename ${from} to ${to}: both are there`,
        { exitCode: 7 },
      );
    }
    tables.set(from, to);
  }
  const columns = new Map<string, string>();
  for (const model of models) {
    const old = [...tables].find(([, to]) => to === model.table)?.[0] ??
      model.table;
    const table = live.get(old);
    if (table === undefined) continue;
    const others = models.filter((other) => other !== model);
    for (
      const [from, to] of columnRenames(model, old, intent, table, others)
    ) {
      columns.set(place.column(old, from), to);
    }
  }
  return { tables, columns };
}

function columnRenames(
  model: AnyModel,
  old: string,
  intent: Intent,
  live: LiveTable,
  others: readonly AnyModel[],
): Map<string, string> {
  const there = new Set(live.columns.map(({ name }) => name));
  const wanted = new Set(model.fields.map(({ column }) => column));
  const renames = new Map<string, string>();
  for (const { column, renamedFrom } of model.fields) {
    if (
      renamedFrom !== undefined && there.has(renamedFrom) &&
      !there.has(column) && !wanted.has(renamedFrom)
    ) renames.set(renamedFrom, column);
  }
  for (const [one, other] of intent.renames) {
    const from = columnIn(one, [old, model.table]);
    const to = columnIn(other, [model.table, old]);
    if (from === undefined || to === undefined) continue;
    // That of a table whose name begins with this one's.
    if (
      others.some(({ table }) =>
        table.length > model.table.length && other.startsWith(`${table}.`)
      )
    ) continue;
    if (!there.has(from) && there.has(to)) continue;
    if (!wanted.has(to)) throw noSuch("field", one, other, to, wanted);
    if (!there.has(from)) throw noSuch("column", one, other, from, there);
    if (there.has(to)) {
      throw new MigrationError(
        `Cannot rename ${one} to ${other}: both are there`,
        { exitCode: 7 },
      );
    }
    renames.set(from, to);
  }
  return renames;
}

function columnIn(name: string, tables: readonly string[]): string | undefined {
  const table = tables.find((table) => name.startsWith(`${table}.`));
  return table === undefined ? undefined : name.slice(table.length + 1);
}

function noSuch(
  what: string,
  from: string,
  to: string,
  wrong: string,
  names: Iterable<string>,
): MigrationError {
  const close = nearest(wrong, names);
  return new MigrationError(
    `Cannot rename ${from} to ${to}: there is no ${what} ${wrong}` +
      (close === undefined ? "" : `; did you mean ${close}?`),
    { exitCode: 7 },
  );
}

/** The renames as changes, tables first. */
export function renameChanges({ tables, columns }: Renames): Change[] {
  return [
    ...[...tables].map(([from, to]): Change => ({
      kind: "rename-table",
      table: to,
      from,
      to,
    })),
    ...[...columns].map(([name, to]): Change => {
      // Rather a table than a column has a dot in its name.
      const dot = name.lastIndexOf(".");
      const [old, from] = [name.slice(0, dot), name.slice(dot + 1)];
      return {
        kind: "rename-column",
        table: tables.get(old) ?? old,
        from,
        to,
      };
    }),
  ];
}
