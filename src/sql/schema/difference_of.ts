import {
  type Difference,
  type DifferenceText,
  different,
  missing,
  renamed,
  unknown,
} from "../../migrations/plan/difference.ts";
import { quoted } from "../codec/quote.ts";
import { type ChangeOf, isValidation, type Kind } from "./change.ts";
import type { LiveColumn, LiveIndex, LiveTable } from "./introspect.ts";
import { typeText, valueClause } from "./recreate.ts";

type Described = readonly [
  weight: Difference["weight"],
  object: string,
  text: DifferenceText,
];

const TEXTS: { readonly [K in Kind]: (change: ChangeOf<K>) => Described } = {
  table: ({ table, from }) => [
    2,
    table,
    missingOrUnknown(`the table ${table}`, from),
  ],

  column({ table, from, to }) {
    const column = to ?? from;
    const type = column === undefined ? "" : ` (${typeText(column)})`;
    const what = `the column ${table}.${column?.name}${type}`;
    return [2, `${table}_${column?.name}`, missingOrUnknown(what, from)];
  },

  type({ table, from, to }) {
    const [before = null, after = null] = [from, to].map((column) =>
      typeText({ ...column, generated: null })
    );
    const what = `the type of ${table}.${to.name}`;
    return [2, `${table}_${to.name}`, different(what, before, after)];
  },

  filling({ table, from, to }) {
    const [before = null, after = null] = [from, to].map((column) =>
      typeText(column) + valueClause(column)
    );
    const what = `the type of ${table}.${to.name}`;
    return [2, `${table}_${to.name}`, different(what, before, after)];
  },

  nullability({ table, from, to }) {
    const [before = null, after = null] = [from, to].map(nullabilityText);
    const what = `${table}.${to.name}`;
    return [2, `${table}_${to.name}`, different(what, before, after)];
  },

  default: ({ table, column, from, to }) => [
    2,
    `${table}_${column}`,
    different(`the default of ${table}.${column}`, from, to),
  ],

  comment({ table, column, from, to }) {
    const [before = null, after = null] = [from, to].map((comment) =>
      comment === null ? null : quoted(comment)
    );
    const what = `the comment of ${table}.${column}`;
    return [0, `${table}_${column}`, different(what, before, after)];
  },

  constraint(change) {
    const { table, from, to } = change;
    const rule = to ?? from;
    const what = `the constraint ${rule?.name} on ${table}`;
    const text = from && to
      ? different(what, from.definition, to.definition)
      : missingOrUnknown(`${what} ${rule?.definition}`, from);
    return [
      1,
      `${rule?.name}`,
      !isValidation(change) ? text : {
        ...text,
        change:
          `check the existing rows of ${table} against ${what} ${rule?.definition}`,
        state: `${what} is not validated`,
      },
    ];
  },

  index({ table, from, to }) {
    const index = to ?? from;
    const unique = index?.unique === true ? "unique " : "";
    const what = `the ${unique}index ${index?.name} on ${table}`;
    const text = from && to
      ? different(what, onOneLine(from), onOneLine(to))
      : missingOrUnknown(`${what} ${index && onOneLine(index)}`, from);
    return [
      1,
      `${index?.name}`,
      !from || !to || from.valid ? text : {
        ...text,
        change: `rebuild ${what} ${onOneLine(to)}, which is invalid`,
        state: `${what} is invalid`,
      },
    ];
  },

  rebuild: ({ table, to }) => [1, to.name, {
    change: `rebuild the index ${to.name} on ${table}`,
    state: `the index ${to.name} on ${table} does not fit the new type`,
    verb: "change",
  }],

  partition({ table, from, to }) {
    const name = `${(to ?? from)?.name}`;
    const what = `the partition ${name} of ${table}`;
    return [1, name, missingOrUnknown(what, from)];
  },

  partitioning({ table, from, to }) {
    const [before = null, after = null] = [from, to].map(partitioningText);
    const what = `the partitioning of ${table}`;
    return [2, table, different(what, before, after)];
  },

  rename({ what, table, from, to }) {
    const text = {
      table: `the table ${from}`,
      column: `the column ${table}.${from}`,
      constraint: `the constraint ${from} on ${table}`,
      index: `the index ${from} on ${table}`,
      partition: `the partition ${from} of ${table}`,
    }[what];
    return what === "table" || what === "column"
      ? [2, `${from}_to_${to}`, renamed(text, to)]
      : [0, from, renamed(text, to)];
  },
};

/** Returns the definition of an index; the server writes CASE on several lines. */
function onOneLine({ definition }: LiveIndex): string {
  return definition.replace(/\s*\n\s*/g, " ");
}

/** Returns a change as text, with the words for the name of its migration. */
export function differenceOf<K extends Kind>(change: ChangeOf<K>): Difference {
  const [weight, object, text] = TEXTS[change.kind](change);
  return { table: change.table, object, weight, ...text };
}

function missingOrUnknown(what: string, from: unknown): DifferenceText {
  return from === undefined ? missing(what) : unknown(what);
}

function nullabilityText({ nullable }: LiveColumn): string {
  return nullable ? "nullable" : "NOT NULL";
}

function partitioningText(
  { partition, parts }: LiveTable,
): string | null {
  return partition === null ? null : `${partition} with ${parts.length} parts`;
}
