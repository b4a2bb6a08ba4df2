import type { Buffer } from "node:buffer";
import { rawRows } from "../../codec/raw_rows.ts";
import { isBinaryType } from "../../codec/wire/types.ts";
import type { Column, Command, ReadRow, Rows } from "../../link/link.ts";
import { assertSendable } from "./assert_sendable.ts";
import type { Descriptions } from "./descriptions.ts";
import { CODE, type Messages } from "./messages.ts";
import { removesStatements } from "./removes_statements.ts";
import { returnsRows } from "./returns_rows.ts";
import { isSameColumns, readColumns, requested } from "./row_description.ts";

/** A statement that a connection has prepared. */
export interface Prepared {
  readonly text: string;
  /** Whether the server may have removed it. */
  isDoubtful: boolean;
  /** Its columns, in the formats in which they are requested; undefined until they are described. */
  columns: readonly Column[] | undefined;
}

/** What the exchanges of one connection share. */
export interface Peer {
  /** Receives the messages to send. */
  readonly messages: Messages;
  /** The prepared statements by name. */
  readonly prepared: Map<string, Prepared>;
  /** The columns of the statements of all connections to the database. */
  readonly descriptions: Descriptions;
  /** Whether the messages of a statement end with a `Sync`, and a statement without values may be a simple query. If not, the caller sends the `Sync`. */
  readonly isSocket: boolean;
  /** Whether other statements are sent without waiting for the answers, so that nothing can be sent in reply to an answer. */
  readonly isPipelined: boolean;
}

/** The messages of one statement: what is sent, and what the answers mean. */
export interface Exchange {
  /**
   * Writes the first messages.
   *
   * @returns false if there are none, because the text is sent as a simple query
   * @throws {UnknownColumnsError} if the statement must be described first, on a pipelined connection
   */
  start(): boolean;
  /** Handles an answer, whose body is between two positions. Writes the next messages, if any. */
  receive(
    code: number,
    bytes: Buffer,
    view: DataView,
    at: number,
    end: number,
  ): void;
  /** Handles an error of the server or of the connection. Writes the next messages, if any. */
  fail(): void;
  /** Returns the error of what reads the rows; undefined if there is none. */
  failure(): unknown;
  /** Returns whether the server was asked to execute the statement: before that, it only describes it. */
  isExecuted(): boolean;
  /** Returns the number of returned or changed rows. */
  count(): number;
  /** Returns the tags of the executed commands, like `INSERT 0 1`, if the caller wrote several statements. */
  tags(): readonly string[];
}

/** The columns changed after they were described, to types that have no known binary format. */
export class StaleColumnsError extends Error {}

/** The columns of a statement are unknown. */
export class UnknownColumnsError extends Error {}

/**
 * Creates the exchange of a statement. It requests each column in binary whose
 * binary format is known. If the columns are unknown, the server describes them
 * before the values are bound, which takes another round trip.
 *
 * @param rows what receives the rows
 * @throws {LimitError} if the protocol cannot carry the statement
 */
export function createExchange(
  { messages, prepared, descriptions, isSocket, isPipelined }: Peer,
  { text, values, shape = text, name: wanted = "", raw }: Command,
  rows: Rows | undefined,
): Exchange {
  assertSendable({ text, values });
  const reader = typeof rows === "function" ? rawRows(rows) : rows;
  /** Whether all columns are requested as text. */
  const isText = typeof rows !== "object";
  /** Whether the statement names its columns; `select *` does not. */
  const hasFixedColumns = shape !== text;
  const known = prepared.get(wanted);
  // Another user of the connection may have taken the name.
  const name = known === undefined || known.text === text ? wanted : "";
  const isNew = known === undefined || known.isDoubtful || name === "";
  const record: Prepared = isNew || known === undefined
    ? { text, columns: undefined, isDoubtful: false }
    : known;
  /** The columns in the requested formats, if they are known. */
  let expected: readonly Column[] | undefined;
  let read: ReadRow | undefined;
  let [isParsed, isBound, isDescribed] = [!isNew, false, false];
  /** Whether the server has messages without a `Sync`. */
  let isSent = false;
  let isExecuted = false;
  let failure: unknown;
  let count = 0;
  const tags: string[] = [];

  function open(columns: readonly Column[]): ReadRow {
    try {
      return read = reader?.open(columns) ?? ignoreRow;
    } catch (error) {
      failure ??= error;
      // The columns may change: they are described again next time.
      remember(undefined);
      return read = ignoreRow;
    }
  }

  /** Returns the columns that an earlier exchange found, unless the number of columns may be another now: the server rejects another number of formats. */
  function remembered(): readonly Column[] | undefined {
    const columns = descriptions.get(shape);
    return columns === undefined || hasFixedColumns ||
        formatsOf(columns).length < 2
      ? columns
      : undefined;
  }

  function remember(columns: readonly Column[] | undefined): void {
    record.columns = columns;
    if (!isText) descriptions.set(shape, columns);
  }

  function parse(): void {
    if (!isNew) return;
    if (known !== undefined && name !== "") messages.closeStatement(name);
    messages.parse(name, text);
    if (name !== "") prepared.set(name, record);
  }

  function bind(needsColumns: boolean): void {
    isBound = isExecuted = true;
    messages.bind(name, values, formatsOf(expected));
    if (needsColumns) messages.describePortal();
    messages.execute();
    if (isSocket) messages.sync();
  }

  /** Handles the columns of a statement that is not bound yet. */
  function describeStatement(columns: readonly Column[]): void {
    expected = requested(columns);
    remember(expected);
    open(expected);
    if (failure === undefined) return bind(false);
    isBound = true;
    if (isSocket) messages.sync();
  }

  /** Handles the columns of a bound statement, in the requested formats. */
  function describePortal(columns: readonly Column[]): void {
    if (expected !== undefined && isSameColumns(columns, expected)) {
      record.columns = expected;
      return;
    }
    remember(requested(columns));
    if (columns.some(({ isBinary, type }) => isBinary && !isBinaryType(type))) {
      failure ??= new StaleColumnsError("The columns of the result changed");
    }
    open(columns);
  }

  /** Returns the function that reads the rows; on the first row, if an earlier exchange described the statement, with the columns that it found. */
  function readerOfRows(): ReadRow {
    if (isDescribed) return read ?? ignoreRow;
    isDescribed = true;
    if (read !== undefined && record.columns === expected) return read;
    return open(
      (record.columns ?? []).map((column, index) => ({
        ...column,
        isBinary: expected?.[index]?.isBinary ?? false,
      })),
    );
  }

  return {
    start() {
      if (
        isSocket && name === "" && values.length === 0 &&
        (isText || !returnsRows(text))
      ) {
        isBound = isExecuted = true;
        return false;
      }
      if (!isText) {
        expected = record.columns ?? remembered();
        if (expected !== undefined) open(expected);
      }
      if (isText || (expected !== undefined && failure === undefined)) {
        parse();
        bind(isNew);
        return true;
      }
      failure = undefined;
      if (isPipelined) throw new UnknownColumnsError("The columns are unknown");
      parse();
      messages.describeStatement(name).flush();
      isSent = true;
      return true;
    },
    receive(code, bytes, view, at, end) {
      switch (code) {
        case CODE.dataRow:
          if (failure !== undefined) break;
          try {
            readerOfRows()(bytes, view, at + 2, end);
          } catch (error) {
            failure = error;
          }
          break;
        case CODE.commandComplete:
          count = countOf(bytes, end);
          if (raw?.isScript) tags.push(bytes.toString("latin1", at, end - 1));
          if (removesStatements(bytes, at, end)) prepared.clear();
          break;
        case CODE.parseComplete:
          isParsed = true;
          break;
        case CODE.rowDescription:
        case CODE.noData: {
          const columns = code === CODE.noData
            ? []
            : readColumns(bytes, view, at);
          isDescribed = true;
          if (isBound) describePortal(columns);
          else describeStatement(columns);
        }
      }
    },
    fail() {
      if (!isParsed && prepared.get(name) === record) prepared.delete(name);
      if (isSocket && isSent && !isBound) messages.sync();
      isBound = true;
    },
    failure: () => failure,
    isExecuted: () => isExecuted,
    count: () => count,
    tags: () => tags,
  };
}

function ignoreRow(): void {}

/** Returns whether each column is requested in binary; one format if it is that of all columns, and none if all are texts. */
function formatsOf(columns: readonly Column[] | undefined): readonly boolean[] {
  const formats = columns?.map(({ isBinary }) => isBinary) ?? [];
  if (!formats.includes(true)) return [];
  return formats.includes(false) ? formats : [true];
}

/** Returns the number at the end of a tag like `SELECT 12`, which a zero ends; 0 if there is none. */
function countOf(bytes: Buffer, end: number): number {
  let [count, place] = [0, 1];
  for (let at = end - 2; at >= 0; at--) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    count += digit * place;
    place *= 10;
  }
  return count;
}
