import pg from "pg";
import type { Command, Done, RawRow } from "../link/link.ts";

/** The connection of `pg`, as far as this file uses it: messages of the extended query protocol. */
interface Wire {
  bind(message: {
    portal: string;
    statement: string;
    values: readonly unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
}

/** Methods of `pg.Query` that `@types/pg` has no types for; custom queries like `pg-cursor` use them too. */
interface QueryInside {
  hasBeenParsed(wire: Wire): boolean;
  prepare(wire: Wire): void;
}

const same = (value: unknown): unknown => value;

/**
 * A query that passes each row to a function when it arrives, as texts, and keeps
 * no copy. It does not request a description of statements that the connection
 * has prepared: with 30 columns that is most of the cost of a read by key.
 */
export class RowQuery extends pg.Query {
  readonly #onRow: (row: RawRow) => void;
  readonly #name: string | undefined;
  readonly #values: readonly (string | null)[];
  #columns: Done["columns"] = [];
  #count = 0;
  #failure: unknown;

  /** @param settle called at the end with the error or the result */
  constructor(
    { text, values, name }: Command,
    onRow: (row: RawRow) => void,
    settle: (error: unknown, done: Done) => void,
  ) {
    super(
      { text, values: [...values], ...(name === undefined ? {} : { name }) },
      undefined,
    );
    this.#onRow = onRow;
    this.#name = name;
    this.#values = values;
    Object.assign(this, {
      callback: (error: unknown) =>
        settle(error ?? this.#failure, {
          count: this.#count,
          columns: this.#columns,
        }),
    });
  }

  /** `pg` calls this with the columns, if they were requested. */
  handleRowDescription({ fields }: { fields: Done["columns"] }): void {
    this.#columns = fields;
  }

  /** `pg` calls this with each row. */
  handleDataRow({ fields }: { fields: RawRow }): void {
    if (this.#failure !== undefined) return;
    try {
      this.#onRow(fields);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** `pg` calls this at the end of the statement, with a tag like `SELECT 12`. */
  handleCommandComplete({ text }: { text: string }): void {
    this.#count = Number(/\d+$/.exec(text)?.[0] ?? 0);
  }

  /** `pg` calls this to send the statement. */
  prepare(wire: Wire): void {
    const inside = this as unknown as QueryInside;
    if (this.#name === undefined || !inside.hasBeenParsed(wire)) {
      const parent = pg.Query.prototype as unknown as QueryInside;
      parent.prepare.call(this, wire);
      return;
    }
    wire.bind({
      portal: "",
      statement: this.#name,
      values: this.#values,
      valueMapper: same,
    });
    wire.execute({ portal: "", rows: 0 });
    wire.sync();
  }
}

/** Sends a command on a client. */
export function send(
  client: pg.ClientBase,
  command: Command,
  onRow: (row: RawRow) => void,
): Promise<Done> {
  return new Promise((resolve, reject) => {
    client.query(
      new RowQuery(command, onRow, (error, done) => {
        if (error === null || error === undefined) resolve(done);
        else reject(error);
      }),
    );
  });
}
