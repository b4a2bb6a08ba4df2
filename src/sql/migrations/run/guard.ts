import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { SqlLink } from "../../link/link.ts";
import { type Concurrent, concurrent } from "../file/concurrent_statements.ts";
import {
  builderOf,
  dropIndex,
  indexNamed,
  indexOn,
  leftovers,
} from "./index_state.ts";
import { attachment } from "./partition_state.ts";
import { type Name, readerOf, sees } from "../file/reader.ts";
import { quotedPath } from "../../codec/quote.ts";

/** What is to be sent for a statement. */
export interface Prepared {
  /** The text; undefined where what it does is done. */
  readonly text: string | undefined;
  /** Whether what will be there after it is of its making. */
  readonly own: boolean;
}

/** Makes a statement without a transaction bear being run again after it died half-way. */
export interface Guard {
  /** Whether nothing tells if the statement was done, and it may not be done twice. */
  readonly blind?: boolean;
  /**
   * Looks at what an earlier run left behind, and clears it away.
   *
   * @param begun whether one began the statement
   */
  prepare(
    link: SqlLink,
    send: (statement: string) => Promise<number>,
    begun: boolean,
  ): Promise<Prepared>;
  /** Makes sure that it did what it should. */
  prove(link: SqlLink): Promise<void>;
  /** Clears away what it left when it failed. */
  clean(link: SqlLink): Promise<void>;
}

/** Statements that may be done twice. */
const REPEATABLE = [
  ["alter", "system"],
  ["analyze"],
  ["checkpoint"],
  ["cluster"],
  ["refresh"],
  ["reindex"],
  ["vacuum"],
];

/** The guard of a statement. One that is not about indexes or partitions is sent as it is. */
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
        blind: !REPEATABLE.some((words) => sees(readerOf(statement), ...words)),
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

/** An index that was being built when its session ended is there and INVALID: it costs every write and serves no read. */
function creating(
  statement: string,
  { index, table }: Extract<Concurrent, { kind: "create-index" }>,
): Guard {
  if (index === undefined) {
    throw new MigrationError(
      "CREATE INDEX CONCURRENTLY needs a name for its index: without one an INVALID one of an earlier run cannot be told from others",
      { exitCode: EXIT.invalid },
    );
  }
  return {
    async prepare(link, send, begun) {
      const there = await indexOn(link, index.name, table);
      if (there === undefined) return sent(statement);
      if (there.valid) return begun ? DONE : sent(statement, false);
      const builder = await builderOf(link, there);
      if (builder !== undefined) {
        throw new MigrationError(
          `The index ${index.name} is being built by ${builder}: wait for its end`,
        );
      }
      await send(dropIndex(there));
      return sent(statement);
    },
    async prove(link) {
      const there = await indexOn(link, index.name, table);
      if (there?.valid) return;
      throw new MigrationError(
        `The index ${index.name} is ${
          there === undefined ? "not there" : "INVALID"
        } after it was built`,
      );
    },
    async clean(link) {
      const there = await indexOn(link, index.name, table);
      if (there === undefined || there.valid) return;
      if (await builderOf(link, there) !== undefined) return;
      await link.query({ text: dropIndex(there), values: [] });
    },
  };
}

function dropping(statement: string, index: Name): Guard {
  return {
    async prepare(link, _send, begun) {
      const there = await indexNamed(link, index.name, index);
      if (there === undefined && begun) return DONE;
      return sent(statement, there !== undefined);
    },
    ...NOTHING,
  };
}

/** One that died leaves the new index or the old one behind, INVALID, with `_ccnew` or `_ccold` after its name. */
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

/** One that died leaves the partition half detached; the server then takes FINALIZE and nothing else. */
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
