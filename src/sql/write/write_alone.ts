import { SerializationError } from "../../base/errors/mod.ts";
import { columnArrays, rowValues } from "../codec/copied_columns.ts";
import { type SentColumn, sentColumn } from "../codec/sent_column.ts";
import { type Sql, textOfSql } from "../codec/sql_piece.ts";
import type { Command, Rows, SentValue, SqlLink } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Layer, Shape } from "./layer.ts";
import { linkOfModel } from "./model_errors.ts";
import { rowSource, rowsSource } from "./rows_source.ts";
import type { AnyModel } from "../../model/types.ts";

/** The maximum number of texts that a connection prepares for such writes; each takes memory in every connection of the server. */
const PREPARED_TEXTS = 50;

/** A bulk write of few rows that one statement makes. */
interface LoneWrite {
  readonly model: AnyModel;
  readonly facts: TableFacts;
  readonly layer: Layer;
  /** What decides the text of the statement, besides the shape of the rows and whether there is only one. */
  readonly kind: string;
  /** Writes the statement for a source of rows. */
  text(source: Sql): Sql;
  /** The values after the rows. */
  readonly values: readonly SentValue[];
}

/** Sends a write without a transaction of its own. Returns the number of rows; undefined if it conflicts with another transaction. */
export type SendAlone = (
  write: LoneWrite,
  rows?: Rows,
) => Promise<number | undefined>;

/** Sends a write on a link. */
export type WriteAlone = (
  link: SqlLink,
  ...write: Parameters<SendAlone>
) => ReturnType<SendAlone>;

interface KnownWrite extends Pick<Command, "text" | "name"> {
  readonly sent: readonly SentColumn[];
}

/** Creates the function, which prepares each text once. */
export function createWriteAlone(): WriteAlone {
  const writes = new WeakMap<Shape, Map<string, KnownWrite>>();
  let names = 0;

  function commandOf(write: LoneWrite): Command {
    const { facts, layer, kind, values } = write;
    const { columns } = layer.shape;
    const known = writes.get(layer.shape) ?? new Map<string, KnownWrite>();
    writes.set(layer.shape, known);
    const isOne = layer.rows === 1;
    const key = isOne ? `one ${kind}` : kind;
    const found = known.get(key);
    const sent = found?.sent ??
      columns.map((field) => sentColumn(field, facts.columns));
    const given = isOne
      ? rowValues(layer.bytes, sent)
      : columnArrays(layer.bytes, sent, layer.rows);
    const source = isOne ? rowSource : rowsSource;
    const { text, name } = found ?? {
      text: textOfSql(write.text(source(columns, sent, given))).text,
      name: names < PREPARED_TEXTS ? `dbp_bulk_${++names}` : undefined,
    };
    if (found === undefined) known.set(key, { text, name, sent });
    return { text, name, values: [...given, ...values], isSmallWrite: true };
  }

  return async (link, write, rows) => {
    try {
      const { count } = await linkOfModel(link, write.model)
        .query(commandOf(write), rows);
      return count;
    } catch (error) {
      if (error instanceof SerializationError) return undefined;
      throw error;
    }
  };
}
