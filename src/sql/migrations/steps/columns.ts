import type { ChangeOf } from "../compare/change.ts";
import { columnText, commentOn } from "../compare/create_sql.ts";
import { backfill } from "./backfill.ts";
import { mustBeGiven, quick, setNotNull } from "./not_null.ts";
import { type Making, type Piece, RANK } from "./piece.ts";
import { named } from "../../codec/quote.ts";
import { mayDiffer } from "../compare/volatile_default.ts";
import { alterType } from "./column_type.ts";

/** Adds a column, so that no row is written anew under a lock. */
export function addColumn(
  change: ChangeOf<"add-column">,
  making: Making,
): Piece[] {
  const { table, column, fill, slow } = change;
  const add = (text: string): string =>
    `ALTER TABLE ${named(table)} ADD COLUMN ${text}`;
  const comment = column.comment === null
    ? []
    : [commentOn(table, column.name, column.comment)];
  const back = change.emptied === true
    ? [`${table}.${column.name} comes back without the values that it had.`]
    : [];
  if (slow) {
    const bare = { ...column, default: null, nullable: true };
    return [
      {
        ...quick(table, [
          add(columnText(bare)),
          setDefaultText(table, column.name, column.default),
          ...comment,
        ]),
        rank: RANK.column,
        comments: [
          ...back,
          `The default of ${table}.${column.name} differs from row to row: rows that are there get theirs later, some at a time.`,
        ],
      },
      ...column.nullable
        ? [backfill(table, column, "DEFAULT")]
        : setNotNull({ table, column, fill: "DEFAULT" }, making),
    ];
  }
  if (fill === undefined) {
    return [{
      ...quick(table, [add(columnText(column)), ...comment]),
      ...ignoring(change),
      rank: RANK.column,
      comments: [...back, ...advice(change), ...mustBeGiven(table, column)],
    }];
  }
  return [{
    ...quick(table, [
      add(columnText({ ...column, default: fill })),
      setDefaultText(table, column.name, column.default),
      ...comment,
    ]),
    rank: RANK.column,
    comments: [...back, ...advice(change), ...mustBeGiven(table, column)],
  }];
}

/** Drops a column; whoever reads the file sees what goes with it. */
export function dropColumn(
  { table, column, dependents }: ChangeOf<"drop-column">,
): Piece[] {
  return [{
    ...quick(table, [
      `ALTER TABLE ${named(table)} DROP COLUMN ${named(column.name)}`,
    ]),
    phase: "contract",
    comments: dependents.map((dependent) =>
      `With ${table}.${column.name} goes: ${dependent}`
    ),
  }];
}

/** Gives a column another default, for rows to come. */
export function setDefault(
  { table, column, to }: ChangeOf<"set-default">,
): Piece[] {
  return [{
    ...quick(table, [setDefaultText(table, column, to)]),
    rank: RANK.value,
  }];
}

/** Says what a column is. */
export function comment(
  { table, column, to }: ChangeOf<"comment">,
): Piece[] {
  return [{
    ...quick(table, [commentOn(table, column, to)]),
    phase: "comment",
  }];
}

/** Gives a column a type that its rows have already; on the way back they may have to be written anew. */
export function changeType(
  change: ChangeOf<"alter-type">,
  direction: "up" | "down",
): Piece[] {
  const { table, to } = change;
  return [{
    ...quick(table, [alterType(change)]),
    rank: RANK.type,
    ignored: {
      rule: "alter-type",
      why: direction === "up"
        ? `the server keeps the rows of ${table} as they are, which was tried`
        : `${table} had this type before`,
    },
    ...direction === "up" ? {} : {
      how: "long",
      comments: [
        `Rows of ${table} may be written anew, and nobody can read them meanwhile; where a value does not fit ${to.type} this fails.`,
      ],
    },
  }];
}

/** What a file's rules cannot know of a column that is added at once. */
function ignoring(
  { table, column }: ChangeOf<"add-column">,
): Pick<Piece, "ignored"> {
  const { name, nullable, default: value, made } = column;
  if (value === null) {
    return nullable || made !== null ? {} : {
      ignored: {
        rule: "add-column-not-null",
        why: `${table} had no rows when this was written`,
      },
    };
  }
  return made !== null || !mayDiffer(value) ? {} : {
    ignored: {
      rule: "add-column-volatile-default",
      why: `the server was asked: ${table}.${name} is the same for every row`,
    },
  };
}

/** Types that are better not begun with. */
function advice(
  { table, column: { name, type } }: ChangeOf<"add-column">,
): string[] {
  const better = /^timestamp.* without time zone$/.test(type)
    ? "timestamp with time zone says which instant it is"
    : /^character\(/.test(type)
    ? "text has no length to outgrow and no blanks at its end"
    : type === "json"
    ? "jsonb can be compared and indexed"
    : undefined;
  return better === undefined
    ? []
    : [`${table}.${name} is ${type}: ${better}.`];
}

function setDefaultText(
  table: string,
  column: string,
  value: string | null,
): string {
  return `ALTER TABLE ${named(table)} ALTER COLUMN ${named(column)} ${
    value === null ? "DROP DEFAULT" : `SET DEFAULT ${value}`
  }`;
}
