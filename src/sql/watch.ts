import type { OpenOptions, QueryEvent } from "../engine.ts";
import type { ErrorMapper } from "./errors.ts";
import type { Command, Done, SqlDriver, SqlTransaction } from "./link.ts";

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
    try {
      const result = await work();
      event({ rows: rows(result) });
      return result;
    } catch (error) {
      const told = mapped(error);
      event({ error: told });
      throw told;
    }
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
      return {
        query: query(tx),
        copyIn: (into, chunks) =>
          tell(
            `copy ${into} from stdin`,
            [],
            () => tx.copyIn(into, chunks),
            (rows) => rows,
          ),
        commit: () => tell("commit", [], () => tx.commit(), () => 0),
        rollback: () => tell("rollback", [], () => tx.rollback(), () => 0),
      };
    },
    close: () => driver.close(),
  };
}
