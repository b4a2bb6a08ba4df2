import type { OpenOptions, QueryEvent } from "../../engine/engine.ts";
import { TransactionError } from "../../base/errors/mod.ts";
import type { ErrorMapper } from "./errors.ts";
import { isServerError } from "../link/server_error.ts";
import type { Command, Done, SqlDriver, SqlTransaction } from "../link/link.ts";

/** A driver whose errors are this package's, and whose statements are told of. */
export function watched(
  driver: SqlDriver,
  mapped: ErrorMapper,
  { onQuery, logValues }: Pick<OpenOptions, "onQuery" | "logValues">,
): SqlDriver {
  async function tell<T>(
    text: string,
    values: readonly unknown[],
    work: () => Promise<T>,
    rows: (result: T) => number,
  ): Promise<T> {
    if (onQuery === undefined) {
      try {
        return await work();
      } catch (error) {
        throw mapped(error);
      }
    }
    const start = performance.now();
    const event = (more: Partial<QueryEvent>): void =>
      onQuery({
        text,
        milliseconds: performance.now() - start,
        ...(logValues ? { values } : {}),
        ...more,
      });
    let result: T;
    try {
      result = await work();
    } catch (error) {
      const told = mapped(error);
      event({ error: told });
      throw told;
    }
    event({ rows: rows(result) });
    return result;
  }

  async function checked(
    link: Pick<SqlDriver, "query">,
    command: Command,
    onRow: Parameters<SqlDriver["query"]>[1],
  ): Promise<Done> {
    const done = await link.query(command, onRow);
    if (done.columns.length > 0) command.check?.(done.columns);
    return done;
  }

  const query =
    (link: Pick<SqlDriver, "query">): SqlDriver["query"] => (command, onRow) =>
      tell(
        command.text,
        command.values,
        () => checked(link, command, onRow),
        ({ count }) => count,
      );

  return {
    concurrent: driver.concurrent,
    place: driver.place,
    query: query(driver),
    async begin(options): Promise<SqlTransaction> {
      const tx = await tell("begin", [], () => driver.begin(options), () => 0);
      let refused: unknown;
      /** Notes whether the last statement was refused: the server then takes nothing but a rollback, and a commit does that without a word. */
      const noting = async <T>(work: () => Promise<T>): Promise<T> => {
        try {
          const result = await work();
          refused = undefined;
          return result;
        } catch (error) {
          if (isServerError(error)) refused = error;
          throw error;
        }
      };
      const rollback = () => tell("rollback", [], () => tx.rollback(), () => 0);
      return {
        query: query({
          query: (command, onRow) => noting(() => tx.query(command, onRow)),
        }),
        copyIn: (into, chunks) =>
          tell(
            `copy ${into} from stdin`,
            [],
            () => noting(() => tx.copyIn(into, chunks)),
            (rows) => rows,
          ),
        async commit() {
          if (refused === undefined) {
            await tell("commit", [], () => tx.commit(), () => 0);
          } else {
            await rollback();
            throw new TransactionError(
              "Cannot commit: a statement of this transaction failed, so nothing of it was kept",
              { cause: mapped(refused) },
            );
          }
        },
        rollback,
      };
    },
    async reserve() {
      const session = await tell(
        "reserve",
        [],
        () => driver.reserve(),
        () => 0,
      );
      return {
        ...session,
        together: async (turn) => {
          let own: unknown;
          try {
            return await session.together(async (link) => {
              try {
                return await turn({ query: query(link) });
              } catch (error) {
                own = error;
                throw error;
              }
            });
          } catch (error) {
            // What the turn throws of its own is not the driver's.
            throw error === own ? error : mapped(error);
          }
        },
      };
    },
    close: () => driver.close(),
  };
}
