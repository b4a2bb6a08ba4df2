import type { LiveTable } from "../../schema/introspect.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import { named } from "../../codec/quote.ts";
import type { Tables } from "./scratch_schema.ts";

/** What holds on to a column besides its table's own keys, rules and indexes. */
export interface User {
  /** In words: `the view bright shows it`. */
  readonly why: string;
  /** Takes it away. */
  readonly drop: string;
  /** Makes it again. */
  readonly create: string;
}

/** The views that show a column, the triggers that name it, and others; the server changes neither type nor being of such a one. */
export function usersOf(
  { name: table, views, triggers, others }: LiveTable,
  column: string,
): readonly User[] {
  return [
    ...views.filter(({ columns }) => columns.includes(column)).map((
      { name, kind, definition },
    ) => ({
      why: `the ${kind} ${name} shows it`,
      drop: `DROP ${kind.toUpperCase()} ${name};`,
      create: `CREATE ${kind.toUpperCase()} ${name} AS\n${definition};`,
    })),
    ...triggers.filter(({ columns }) => columns.includes(column)).map((
      { name, definition },
    ) => ({
      why: `the trigger ${name} names it`,
      drop: `DROP TRIGGER ${named(name)} ON ${named(table)};`,
      create: `${definition};`,
    })),
    ...others.filter(({ kind, columns }) =>
      columns.includes(column) && kind !== "statistics"
    ).map(({ what }) => ({
      why: `the ${what} names it`,
      drop: `-- Drop the ${what} here`,
      create: `-- and make it again for what the column is then.`,
    })),
  ];
}

/** Reasons of which each holds. */
export function reasons(users: readonly User[]): string {
  return users.map(({ why }) => why).join(", ");
}

/** A statement between what takes users of a column away and what makes them again. */
export function around(
  users: readonly User[],
  statement: string,
  again = true,
): string {
  const makes = users.map(({ create }) =>
    again ? create : create.replaceAll(/^/gm, "-- ")
  );
  return [...users.map(({ drop }) => drop), statement, ...makes].join("\n");
}

/** Copies of tables, with the views and triggers that they lack, by the names of now. */
export function withUsers(
  copies: Tables,
  live: Tables,
  { tables, columns }: Renames,
): Tables {
  const old = new Map([...tables].map(([from, to]) => [to, from]));
  return new Map(
    [...copies].map(([name, copy]): [string, LiveTable] => {
      const before = old.get(name) ?? name;
      const table = live.get(before);
      const renamed = <T extends { readonly columns: readonly string[] }>(
        user: T,
      ): T => ({
        ...user,
        columns: user.columns.map((column) =>
          columns.get(before)?.get(column) ?? column
        ),
      });
      return [name, {
        ...copy,
        views: table?.views.map(renamed) ?? [],
        triggers: table?.triggers.map(renamed) ?? [],
        indexes: copy.indexes.map((index) => ({
          ...index,
          storage: table?.indexes.find(({ name }) => name === index.name)
            ?.storage ?? null,
        })),
        places: table?.places ?? copy.places,
        identity: table?.identity ?? null,
        others: table?.others.map(renamed) ?? [],
        readers: table?.readers ?? [],
        comment: table?.comment ?? null,
      }];
    }),
  );
}
