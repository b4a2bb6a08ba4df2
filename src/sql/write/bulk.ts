import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  InsertStatement,
  Outcome,
  Rows,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";
import type { SqlLink, SqlTransaction } from "../link/link.ts";
import type { FactsOfTables, TableFacts } from "../schema/table_facts.ts";
import type { Layering } from "./layers.ts";
import type { SharedTransaction } from "../link/shared_transaction.ts";
import { type CollisionMemory, insertWriter } from "./insert.ts";
import { insertLayering } from "./insert_layering.ts";
import { transactionOfModel } from "./model_errors.ts";
import { insertAlone } from "./insert_alone.ts";
import { upsertLayering, upsertWriter } from "./upsert.ts";
import { upsertAlone } from "./upsert_alone.ts";
import { createWriteAlone, type WriteAlone } from "./write_alone.ts";
import { type BulkWriter, writeBatches } from "./writer.ts";

/** The maximum number of retries of a bulk insert after a deadlock. */
const BULK_RETRIES = 3;

/** The transaction of a bulk write. */
export interface BulkContext {
  /** Whether to read all rows before the transaction begins, because their source could not use the database during it. */
  readonly isCollected: boolean;
  /** Whether the transaction belongs to the caller, so that only the caller can retry it. */
  readonly isInside: boolean;
  /** Ends the caller's transaction with a rollback, because a part of a bulk write is in it. */
  readonly fail?: () => Promise<void>;
  /** Runs statements so that an error undoes only them. */
  attempt<T>(work: (link: SqlLink) => Promise<T>): Promise<T>;
  /** Runs `fn` in the transaction, which begins when `fn` first requests it. */
  within<T>(
    fn: (tx: () => Promise<SharedTransaction>) => Promise<T>,
    retries?: number,
  ): Promise<T>;
}

/** State that all bulk writes of a connection share. */
export interface BulkShared {
  readonly schema: string | undefined;
  /** How the columns of the database compare text. */
  readonly collations: Collations;
  /** What the database says about the tables. */
  readonly tables: FactsOfTables;
  /** Models whose last bulk insert met existing keys. */
  readonly colliding: Set<AnyModel>;
}

/** What writes few rows on each connection, which prepares its own statements. */
const lone = new WeakMap<FactsOfTables, WriteAlone>();

function writeAloneOf(tables: FactsOfTables): WriteAlone {
  const known = lone.get(tables) ?? createWriteAlone();
  lone.set(tables, known);
  return known;
}

/** The layerings of each table by what decides them. Their shapes decide the statements. */
const layerings = new WeakMap<TableFacts, Map<string, Layering>>();

function layeringOf(
  facts: TableFacts,
  key: string,
  create: () => Layering,
): Layering {
  // Missing tables have the same facts.
  if (facts.kind === undefined) return create();
  const known = layerings.get(facts) ?? new Map<string, Layering>();
  layerings.set(facts, known);
  const layering = known.get(key) ?? create();
  known.set(key, layering);
  return layering;
}

function names(fields: readonly Field[]): string {
  return fields.map(({ name }) => name).join();
}

/** Executes a bulk insert. */
export async function insert(
  { schema, collations, colliding, tables }: BulkShared,
  link: SqlLink,
  { within, fail, isCollected, isInside }: BulkContext,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows } = statement;
  const collisions: CollisionMemory = {
    get: () => colliding.has(model),
    set: (value: boolean) =>
      void (value ? colliding.add(model) : colliding.delete(model)),
    isRetried: !isInside && isRepeatable(rows),
  };
  const facts = tables.known(model) ?? await tables.of(link, model);
  const target = { facts, schema, collations, isInside, isSmall: true };
  const isReturning = statement.returning !== undefined;
  return await within(
    (tx) =>
      writeBatches(
        rows,
        layeringOf(
          facts,
          isReturning ? "insert returning" : "insert",
          () => insertLayering(statement, facts),
        ),
        {
          alone: (layer) =>
            insertAlone(
              (...write) => writeAloneOf(tables)(link, ...write),
              statement,
              target,
              collisions,
              layer,
            ),
          open: (isSmall) =>
            queuedWriter(
              tx,
              model,
              (tx) =>
                insertWriter(tx, statement, { ...target, isSmall }, collisions),
            ),
          fail,
        },
        isCollected,
      ),
    // A retry writes through stages in key order, which never deadlocks.
    collisions.isRetried ? BULK_RETRIES : 0,
  );
}

/** Executes a bulk upsert. */
export async function upsert(
  { schema, collations, tables }: BulkShared,
  link: SqlLink,
  { within, fail, isCollected, isInside }: BulkContext,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  const { conflict, prefer } = statement;
  const facts = tables.known(statement.model) ??
    await tables.of(link, statement.model);
  const target = { facts, schema, collations, isInside, isSmall: true };
  const isReturning = statement.returning !== undefined;
  return await within((tx) =>
    writeBatches(
      statement.rows,
      layeringOf(
        facts,
        `upsert${isReturning ? " returning" : ""} ${names(conflict)} ${
          names(prefer)
        }`,
        () => upsertLayering(statement, facts),
      ),
      {
        alone: (layer) =>
          upsertAlone(
            (...write) => writeAloneOf(tables)(link, ...write),
            statement,
            target,
            layer,
          ),
        open: (isSmall) =>
          queuedWriter(
            tx,
            statement.model,
            (tx) => upsertWriter(tx, statement, { ...target, isSmall }),
          ),
        fail,
      },
      isCollected,
    )
  );
}

/** Whether rows can be iterated a second time. */
function isRepeatable(rows: Rows<object>): boolean {
  if (!(Symbol.iterator in rows)) return false;
  const iterator: unknown = rows[Symbol.iterator]();
  return iterator !== rows;
}

/** Creates a writer that writes each batch without statements of other callers in between. */
async function queuedWriter<T>(
  open: () => Promise<SharedTransaction>,
  model: AnyModel,
  createWriter: (tx: SqlTransaction) => BulkWriter<T>,
): Promise<BulkWriter<T>> {
  const { exclusively } = await open();
  let writer: BulkWriter<T> | undefined;
  const writerOn = (tx: SqlTransaction): BulkWriter<T> =>
    writer ??= createWriter(transactionOfModel(tx, model));
  return {
    prepare: (layers) => writer?.prepare?.(layers),
    write: (layers) => exclusively((tx) => writerOn(tx).write(layers)),
    finish: () => exclusively((tx) => writerOn(tx).finish()),
  };
}
