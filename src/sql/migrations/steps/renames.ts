import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { type FileContext, quick, type SqlStep } from "./planned_step.ts";

/** Renames an object. */
export function renameSteps(
  { what, table, from, to }: ChangeOf<"rename">,
  { tables }: Pick<FileContext, "tables">,
): SqlStep[] {
  const [t, f, n] = [table, from, to].map(named);
  const statement = {
    table: `ALTER TABLE ${f} RENAME TO ${n}`,
    partition: `ALTER TABLE ${f} RENAME TO ${n}`,
    column: `ALTER TABLE ${t} RENAME COLUMN ${f} TO ${n}`,
    constraint: `ALTER TABLE ${t} RENAME CONSTRAINT ${f} TO ${n}`,
    index: `ALTER INDEX ${f} RENAME TO ${n}`,
  }[what];
  const step = quick("rename", table, statement);
  return what === "constraint" || what === "index" ? [step] : [{
    ...step,
    ignored: [{ rule: "rename", why: "the models ask for it" }],
    comments: what === "partition"
      ? []
      : oldNameTexts(what, from, to, tables.get(table)),
  }];
}

/** Returns the objects that keep the old name: views show it, and trigger functions may use it. */
function oldNameTexts(
  what: "table" | "column",
  from: string,
  to: string,
  table: LiveTable | undefined,
): string[] {
  if (table === undefined) return [];
  const { name, views, triggers } = table;
  return [
    ...views.filter(({ columns }) => what === "column" && columns.includes(to))
      .map(({ name, kind }) =>
        `The ${kind} ${name} keeps the old column name ${from}.`
      ),
    ...triggers.length === 0 ? [] : [
      `Functions of the triggers of ${name} may still use the old name ${from}: ${
        triggers.map(({ name }) => name).join(", ")
      }.`,
    ],
  ];
}
