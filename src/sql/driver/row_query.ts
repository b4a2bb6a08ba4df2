import pg from "pg";
import type { Command, Done, RawRow } from "../link/link.ts";

/** What this file uses of `pg`'s connection to the server: the messages of the extended query protocol. */
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

/** What this file uses of `pg.Query` that its types leave out; custom queries such as `pg-cursor` stand on the same. */
interface QueryInside {
  hasBeenParsed(wire: Wire): boolean;
  prepare(wire: Wire): void;
}

const same = (value: unknown): unknown => value;

/**
 * A query whose rows go to a function as they arrive, as texts: no row is kept
 * twice. A named statement that the connection knows is not described again,
 * which for 30 columns is most of what a row by key costs.
 */
export class RowQuery extends pg.Query {
  readonly #onRow: (row: RawRow) => void;
  readonly #name: string | undefined;
  readonly #values: readonly (string | null)[];
  #columns: Done["columns"] = [];
  #count = 0;
  #failure: unknown;

  /** @param settle is told how it ended: with an error, or with what was done */
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

  /** Called by `pg` with the columns, where they were asked for. */
  handleRowDescription({ fields }: { fields: Done["columns"] }): void {
    this.#columns = fields;
  }

  /** Called by `pg` with each row. */
  handleDataRow({ fields }: { fields: RawRow }): void {
    if (this.#failure !== undefined) return;
    try {
      this.#onRow(fields);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Called by `pg` at the end of the statement, as in `SELECT 12`. */
  handleCommandComplete({ text }: { text: string }): void {
    this.#count = Number(/\d+$/.exec(text)?.[0] ?? 0);
  }

  /** Called by `pg` to send the statement. */
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
