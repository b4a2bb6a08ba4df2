import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { SqlLink } from "../../link/link.ts";
import { type Concurrent, concurrent } from "../file/concurrent_statements.ts";
import { builderOf, dropIndex, findIndex, leftovers } from "./index_state.ts";
import { attachment } from "./partition_state.ts";
import { isNext, type Name, readerOf } from "../file/reader.ts";
import { quotedPath } from "../../codec/quote.ts";

/** The statement to send, and what an earlier run may have left. */
export interface Prepared {
  /** The statement; undefined if its work is done already. */
  readonly text: string | undefined;
  /** Whether the result will be this step's own, and not an object that existed before. */
  readonly own: boolean;
}

/** Makes it safe to run a statement without a transaction again after a crash. */
interface Guard {
  /** Whether nothing shows if the statement was executed, and it must not be executed twice. */
  readonly unverifiable?: boolean;
  /**
   * Inspects what an earlier run left behind, and removes unfinished parts.
   *
   * @param begun whether an earlier run started the statement
   */
  prepare(
    link: SqlLink,
    send: (statement: string) => Promise<number>,
    begun: boolean,
  ): Promise<Prepared>;
  /** @throws {MigrationError} if the statement did not have its effect */
  prove(link: SqlLink): Promise<void>;
  /** Removes unfinished parts after a failure. */
  clean(link: SqlLink): Promise<void>;
}

/** Statements that may run twice. */
const REPEATABLE = [
  ["alter", "system"],
  ["analyze"],
  ["checkpoint"],
  ["cluster"],
  ["refresh"],
  ["reindex"],
  ["vacuum"],
];

/** Returns the guard of a statement. Statements other than CONCURRENTLY ones are sent unchanged. */
export function guardOf(statement: string): Guard {
  const what = concurrent(statement);
  switch (what?.kind) {
    case "create-index":
      return creating(statement, what);
    case "drop-index":
      return dropping(statement, what.index);
    case "reindex":
      return reindexing(statement, what);
    case "detach-partition":
      return detaching(statement, what);
    case undefined:
      return {
        unverifiable: !REPEATABLE.some((words) =>
          isNext(readerOf(statement), ...words)
        ),
        prepare: () => Promise.resolve(sent(statement)),
        ...NOTHING,
      };
  }
}

const NOTHING: Pick<Guard, "prove" | "clean"> = {
  prove: () => Promise.resolve(),
  clean: () => Promise.resolve(),
};

function sent(text: string, own: boolean = true): Prepared {
  return { text, own };
}

const DONE: Prepared = { text: undefined, own: true };

/** A CREATE INDEX CONCURRENTLY that was interrupted leaves an INVALID index, which slows every write and serves no read. */
function creating(
  statement: string,
  { index, table }: Extract<Concurrent, { kind: "create-index" }>,
): Guard {
  if (index === undefined) {
    throw new MigrationError(
      "CREATE INDEX CONCURRENTLY needs an index name: without one, an INVALID index of an earlier run cannot be recognized",
      { exitCode: EXIT.invalid },
    );
  }
  return {
    async prepare(link, send, begun) {
      const existing = await findIndex(link, index.name, "table", table);
      if (existing === undefined) return sent(statement);
      if (existing.valid) return begun ? DONE : sent(statement, false);
      const builder = await builderOf(link, existing);
      if (builder !== undefined) {
        throw new MigrationError(
          `Cannot build the index ${index.name}: ${builder} is building it. Wait until that ends`,
        );
      }
      await send(dropIndex(existing));
      return sent(statement);
    },
    async prove(link) {
      const existing = await findIndex(link, index.name, "table", table);
      if (existing?.valid) return;
      throw new MigrationError(
        `The index ${index.name} ${
          existing === undefined ? "does not exist" : "is INVALID"
        } after CREATE INDEX CONCURRENTLY`,
      );
    },
    async clean(link) {
      const existing = await findIndex(link, index.name, "table", table);
      if (existing === undefined || existing.valid) return;
      if (await builderOf(link, existing) !== undefined) return;
      await link.query({ text: dropIndex(existing), values: [] });
    },
  };
}

function dropping(statement: string, index: Name): Guard {
  return {
    async prepare(link, _send, begun) {
      const existing = await findIndex(link, index.name, "schema", index);
      if (existing === undefined && begun) return DONE;
      return sent(statement, existing !== undefined);
    },
    ...NOTHING,
  };
}

/** An interrupted REINDEX CONCURRENTLY leaves the new or the old index, INVALID, with the suffix `_ccnew` or `_ccold`. */
function reindexing(
  statement: string,
  { what, name }: Extract<Concurrent, { kind: "reindex" }>,
): Guard {
  const clear = async (
    link: SqlLink,
    drop: (text: string) => Promise<unknown>,
  ): Promise<void> => {
    if (name === undefined || (what !== "index" && what !== "table")) return;
    for (const left of await leftovers(link, name)) await drop(dropIndex(left));
  };
  return {
    async prepare(link, send) {
      await clear(link, send);
      return sent(statement);
    },
    prove: () => Promise.resolve(),
    clean: (link) => clear(link, (text) => link.query({ text, values: [] })),
  };
}

/** An interrupted DETACH PARTITION CONCURRENTLY leaves the partition half detached; then the server accepts only FINALIZE. */
function detaching(
  statement: string,
  { table, partition }: Extract<Concurrent, { kind: "detach-partition" }>,
): Guard {
  return {
    async prepare(link, _send, begun) {
      switch (await attachment(link, table, partition)) {
        case "attached":
          return sent(statement);
        case "pending":
          return sent(
            `ALTER TABLE ${quotedPath(table)} DETACH PARTITION ${
              quotedPath(partition)
            } FINALIZE`,
          );
        case "none":
          return begun ? DONE : sent(statement, false);
      }
    },
    ...NOTHING,
  };
}
