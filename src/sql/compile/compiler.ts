import { keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { equalities } from "../../query/statement/condition.ts";
import { type Collations, ORDERED_BY_CODE_POINT } from "../codec/collations.ts";
import { quotedPath } from "../codec/quote.ts";
import type { ColumnForms } from "../codec/written_value.ts";
import type { Command } from "../link/link.ts";
import type { PositionIndex } from "./position_index.ts";
import { columnText, expand, SqlWriter } from "./sql_writer.ts";
import { type TextStatement, writeStatement } from "./statement.ts";

/** Compiles statements to commands; with the facts of the table for writes and keys, if they are known. */
export type Compiler = (
  statement: TextStatement,
  facts?: CompileFacts,
) => Command;

/** The facts about a table that decide the text of a statement. */
interface CompileFacts {
  readonly columns: ColumnForms;
  /** Whether the table takes ON CONFLICT. */
  readonly takesOnConflict: boolean;
  /** The facts about the tables of relations. */
  readonly related?: ReadonlyMap<AnyModel, CompileFacts>;
}

/** The maximum number of cached texts of a model. */
const CACHED_TEXTS = 1_000;
/** The maximum length of a cached text, in characters. A longer text is a list of terms, and rarely repeats. */
const CACHED_LENGTH = 32_000;
/** The maximum number of statements that are prepared by name; each takes memory in every connection of the server. */
const PREPARED_STATEMENTS = 250;
/** The maximum length of a prepared statement, in characters. A longer text is a list of terms, and rarely repeats. */
const PREPARED_LENGTH = 8_000;

/** The parts of a command that statements with the same outline share. */
type CachedCommand = Omit<Command, "values">;

interface CompiledModel {
  readonly table: string;
  readonly commands: Map<string, CachedCommand>;
}

/**
 * Creates a compiler for tables of one schema.
 *
 * @param collations how the columns of the database compare text
 * @param positionIndexOf returns the position index of a table
 */
export function createCompiler(
  schema: string | undefined,
  collations: Collations = ORDERED_BY_CODE_POINT,
  positionIndexOf: (model: AnyModel) => PositionIndex | undefined = () =>
    undefined,
): Compiler {
  const models = new WeakMap<AnyModel, CompiledModel>();
  let names = 0;

  function compiledModel(model: AnyModel): CompiledModel {
    const compiled = models.get(model) ?? {
      table: quotedPath({ schema, name: model.table }),
      commands: new Map(),
    };
    models.set(model, compiled);
    return compiled;
  }

  function createCommand(
    statement: TextStatement,
    written: SqlWriter,
    table: string,
  ): CachedCommand {
    const text = expand(written, statement.model);
    const isPrepared = names < PREPARED_STATEMENTS &&
      text.length <= PREPARED_LENGTH;
    return {
      text,
      name: isPrepared ? `dbp_${++names}` : undefined,
      shape: shapeOf(statement, table),
      isRead: statement.kind === "find" || statement.kind === "findEach" ||
        statement.kind === "findNear" || statement.kind === "findInZones" ||
        statement.kind === "aggregate",
      short: isShort(statement),
      isSmallWrite: statement.kind === "getOrCreate" ||
        statement.kind === "updateEach",
    };
  }

  return (statement, facts) => {
    const { table, commands } = compiledModel(statement.model);
    const to = new SqlWriter(
      collations,
      table,
      facts?.columns,
      (model) => ({
        table: compiledModel(model).table,
        columns: facts?.related?.get(model)?.columns,
        positionIndex: positionIndexOf(model),
      }),
      positionIndexOf(statement.model),
    );
    writeStatement(to, statement, table, facts?.takesOnConflict !== false);
    let command = commands.get(to.outline);
    if (command === undefined) {
      command = createCommand(statement, to, table);
      if (commands.size >= CACHED_TEXTS) commands.clear();
      if (to.outline.length <= CACHED_LENGTH) {
        commands.set(to.outline, command);
      }
    }
    return { ...command, values: to.values };
  };
}

/** Returns a text that all statements share that return the same columns of the same table. */
function shapeOf(statement: TextStatement, table: string): Command["shape"] {
  const { model } = statement;
  switch (statement.kind) {
    case "find":
    case "findEach":
      return `${statement.fields.map(columnText).join()} of ${table}`;
    case "findNear":
    case "findInZones":
      return `${
        statement.fields.map(columnText).join()
      } near targets of ${table}`;
    case "updateReturning":
    case "updateEachReturning":
    case "deleteReturning":
      return `${statement.returning.map(columnText).join()} of ${table}`;
    case "getOrCreate":
      return `${model.fields.map(columnText).join()}, created of ${table}`;
    case "insertRow":
      return `${model.fields.map(columnText).join()} of ${table}`;
    default:
      return undefined;
  }
}

/** Whether a statement reads one row by a unique key. */
function isShort(statement: TextStatement): boolean {
  if (statement.kind !== "find" && statement.kind !== "exists") return false;
  const given = equalities(statement.where);
  const names = new Set([...given.keys()].map(({ name }) => name));
  return keysOf(statement.model).some((key) =>
    key.every((name) => names.has(name))
  );
}
