import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { Decision, SchemaPlan } from "../../../engine/migrations/mod.ts";
import { HIDDEN, isHidden } from "../../schema/failure_advice.ts";
import type { Field } from "../../../model/field.ts";
import { defaultValue } from "../../../query/write/values.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { columnText } from "../compare/create_sql.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { rewritten } from "../compare/rewrites.ts";
import { named } from "../../codec/quote.ts";
import { refusal, rewrittenBy } from "./refused.ts";
import { row } from "../compare/scratch_schema.ts";
import type { Settling } from "./context.ts";
import { literal, literalText } from "../compare/literal.ts";

/** Changes of which it is known how they can be made, those that cannot, and what a person must say first. */
export interface Settled {
  readonly changes: readonly Change[];
  readonly refused: SchemaPlan["refused"];
  readonly decisions: readonly Decision[];
}

/** Asks the server and the models what changes need to know. */
export async function settle(
  changes: readonly Change[],
  settling: Settling,
): Promise<Settled> {
  const settled: Change[] = [];
  const refused: SchemaPlan["refused"][number][] = [];
  const decisions: Decision[] = [];
  for (const change of changes) {
    const against = await refusal(change, changes, settling);
    if (against !== undefined) {
      refused.push(against);
      continue;
    }
    const answer = await settleOne(change, changes, settling);
    if ("question" in answer) decisions.push(answer);
    else settled.push(...answer.changes);
  }
  return {
    changes: await withIndexesBuiltAgain(settled, settling),
    refused,
    decisions,
  };
}

/** Indexes that do not fit a column's other type are built again apart from it. */
async function withIndexesBuiltAgain(
  changes: readonly Change[],
  { scratch, current }: Settling,
): Promise<readonly Change[]> {
  const built = new Map<string, ChangeOf<"rebuild-index">>();
  for (const change of changes) {
    if (change.kind !== "alter-type") continue;
    const { table } = change;
    const there = current.get(table);
    if (there === undefined) continue;
    const files = await rewrittenBy(change, there, scratch);
    for (const index of there.indexes) {
      const { name } = index;
      const others = changes.filter((other) =>
        (other.kind === "drop-index" && other.index.name === name) ||
        (other.kind === "change-index" && other.from.name === name) ||
        (other.kind === "rename-index" && other.from === name)
      );
      const [other] = others;
      if (files?.has(name) !== true || other?.kind === "drop-index") continue;
      const from = other?.kind === "rename-index"
        ? { ...index, name: other.to }
        : index;
      const to = other?.kind === "change-index" ? other.to : from;
      built.set(name, { kind: "rebuild-index", table, from, to });
    }
  }
  return [
    ...changes.filter((change) =>
      change.kind !== "change-index" || !built.has(change.from.name)
    ),
    ...built.values(),
  ];
}

async function settleOne(
  change: Change,
  all: readonly Change[],
  settling: Settling,
): Promise<{ readonly changes: readonly Change[] } | Decision> {
  switch (change.kind) {
    case "add-column":
      return await addedColumn(change, settling);
    case "set-not-null":
      return await required(change, settling);
    case "alter-type":
      return { changes: [change, ...checksAgain(change, all, settling)] };
    default:
      return { changes: [change] };
  }
}

async function addedColumn(
  change: ChangeOf<"add-column">,
  settling: Settling,
): Promise<{ readonly changes: readonly Change[] } | Decision> {
  const { table, column } = change;
  const { scratch, current } = settling;
  const given = await givenDefault(table, column, settling);
  if (given !== undefined) return { changes: [{ ...change, fill: given }] };
  if (column.made !== null) return { changes: [change] };
  if (column.default !== null) {
    const there = current.get(table);
    const files = there === undefined ? undefined : await rewritten(
      scratch,
      there,
      [`ALTER TABLE ${named(table)} ADD COLUMN ${columnText(column)}`],
    );
    const slow = files !== undefined && files.size > 0;
    return { changes: [{ ...change, slow }] };
  }
  if (column.nullable) return { changes: [change] };
  const fill = usual(fieldOf(table, column.name, settling));
  if (fill !== undefined) return { changes: [{ ...change, fill }] };
  return await hasRows(table, undefined, settling)
    ? {
      question: `What do the rows of ${table} that are there get in ${
        place.column(table, column.name)
      }, which may not be null?`,
      options: [
        `--default ${place.column(table, column.name)}=VALUE`,
        `.nullable() in the model`,
      ],
    }
    : { changes: [change] };
}

async function required(
  change: ChangeOf<"set-not-null">,
  settling: Settling,
): Promise<{ readonly changes: readonly Change[] } | Decision> {
  const { table, column } = change;
  const fill = await givenDefault(table, column, settling) ??
    (column.default === null
      ? usual(fieldOf(table, column.name, settling))
      : "DEFAULT");
  if (fill !== undefined) return { changes: [{ ...change, fill }] };
  return await hasRows(table, column.name, settling)
    ? {
      question: `What do the rows of ${table} get that have null in ${
        place.column(table, column.name)
      }, which may not be null any more?`,
      options: [
        `--default ${place.column(table, column.name)}=VALUE`,
        `.nullable() in the model`,
      ],
    }
    : { changes: [change] };
}

/** The value that a person gave for rows that are there. */
async function givenDefault(
  table: string,
  column: LiveColumn,
  { intent, scratch }: Settling,
): Promise<string | undefined> {
  const name = place.column(table, column.name);
  const text = intent.defaults.get(name);
  if (text === undefined) return undefined;
  try {
    await row(scratch.tx, "SAVEPOINT dbp_default");
    await row(scratch.tx, `SELECT cast($1 as ${column.type})`, [text]);
    await row(scratch.tx, "RELEASE SAVEPOINT dbp_default");
  } catch (error) {
    await row(scratch.tx, "ROLLBACK TO SAVEPOINT dbp_default");
    throw new MigrationError(
      `Cannot fill ${name}: the value given for it is not of its type, ${column.type}`,
      { exitCode: EXIT.undecided, cause: error },
    );
  }
  return literalText(column.type, text);
}

/** What a new row has in a field that its writer does not give, by the model. */
function usual(field: Field | undefined): string | undefined {
  const value = field === undefined ? undefined : defaultValue(field);
  return field === undefined || value === undefined || value === null
    ? undefined
    : literal(field, value);
}

function fieldOf(
  table: string,
  column: string,
  { models }: Settling,
): Field | undefined {
  return models.find((model) => model.table === table)?.fields.find((field) =>
    field.column === column
  );
}

/** Whether a table has rows, or such with null in a column. */
async function hasRows(
  table: string,
  column: string | undefined,
  { scratch, renames }: Settling,
): Promise<boolean> {
  const old = [...renames.tables].find(([, to]) => to === table)?.[0] ?? table;
  const before = column === undefined
    ? undefined
    : scratch.live.get(old)?.columns.find(({ name }) =>
      (renames.columns.get(old)?.get(name) ?? name) === column
    )?.name;
  const where = before === undefined ? "" : ` where ${named(before)} is null`;
  try {
    const [found] = await row(
      scratch.tx,
      `select exists (select from ${named(scratch.home)}.${
        named(old)
      }${where})`,
    );
    return found === "t";
  } catch (error) {
    if (!isHidden(error)) throw error;
    throw new MigrationError(
      `Cannot see whether ${old} has rows. ${HIDDEN}`,
      { cause: error },
    );
  }
}

/** Rules over a column whose type changes are made again, so that rows are not checked while nobody can read them. */
function checksAgain(
  { table, to }: ChangeOf<"alter-type">,
  all: readonly Change[],
  { current }: Settling,
): Change[] {
  const changed = new Set(all.flatMap((change) => {
    switch (change.kind) {
      case "change-constraint":
        return [change.from.name];
      case "drop-constraint":
      case "validate-constraint":
        return [change.constraint.name];
      case "rename-constraint":
        return [change.from];
      default:
        return [];
    }
  }));
  return current.get(table)?.constraints.filter((check) =>
    check.kind === "check" && check.columns.includes(to.name) &&
    !changed.has(check.name)
  ).map((check) => ({
    kind: "change-constraint",
    table,
    from: check,
    to: check,
  })) ?? [];
}
