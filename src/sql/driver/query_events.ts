import type { OpenOptions } from "../../engine/engine.ts";
import { queryReporter } from "../../engine/query_reporter.ts";
import { TransactionError } from "../../base/errors/mod.ts";
import type { ErrorMapper } from "./errors.ts";
import { isServerError } from "../link/server_error.ts";
import type { Command, Done, SqlDriver, SqlTransaction } from "../link/link.ts";

/** A driver that reports its statements to `onQuery` and throws errors of this package. */
export function reportingDriver(
  driver: SqlDriver,
  mapError: ErrorMapper,
  options: Pick<OpenOptions, "onQuery" | "logValues">,
): SqlDriver {
  const report = queryReporter<Pick<Command, "text" | "values">>(options, {
    describe: (command) => command,
    mapError,
  });
  const reportText = <T>(
    text: string,
    work: () => Promise<T>,
    rows: (result: T) => number = () => 0,
  ): Promise<T> => report({ text, values: [] }, work, rows);

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
      report(
        command,
        () => checked(link, command, onRow),
        ({ count }) => count,
      );

  return {
    concurrent: driver.concurrent,
    place: driver.place,
    query: query(driver),
    async begin(options): Promise<SqlTransaction> {
      const tx = await reportText("begin", () => driver.begin(options));
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
      const rollback = () => reportText("rollback", () => tx.rollback());
      return {
        query: query({
          query: (command, onRow) => noting(() => tx.query(command, onRow)),
        }),
        copyIn: (into, chunks) =>
          reportText(
            `copy ${into} from stdin`,
            () => noting(() => tx.copyIn(into, chunks)),
            (rows) => rows,
          ),
        async commit() {
          if (refused === undefined) {
            await reportText("commit", () => tx.commit());
          } else {
            await rollback();
            throw new TransactionError(
              "Cannot commit: a statement of this transaction failed, so nothing of it was kept",
              { cause: mapError(refused) },
            );
          }
        },
        rollback,
      };
    },
    async reserve() {
      const session = await reportText("reserve", () => driver.reserve());
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
            throw error === own ? error : mapError(error);
          }
        },
      };
    },
    close: () => driver.close(),
  };
}
