import type { FindStatement } from "../../query/statement/statement.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { SqlDriver, SqlLink } from "../link/link.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";
import { compileRead } from "./compile_read.ts";
import { keepRows, type KeptRows } from "./kept_rows.ts";

const ignore = (): void => {};
/**
 * The milliseconds that a batch may take for the next one to be fetched while it
 * is used: a loop that ends early waits for the batch that is being fetched.
 */
const READ_AHEAD = 100;
let cursors = 0;

/**
 * Reads rows in batches through a cursor. On a server the cursor has its own
 * transaction, which ends with the loop. On PGlite, where transactions would wait
 * for each other, it is `WITH HOLD`, so that the loop can use the database.
 *
 * @param closing closes a cursor that has no own transaction, also when the limit of the call is reached
 */
export async function* streamRows(
  shared: {
    readonly driver: SqlDriver;
    readonly compile: Compiler;
    readonly tables: FactsOfTables;
  },
  tx: SqlLink | undefined,
  statement: FindStatement,
  batchSize: number,
  closing: SqlLink,
): AsyncGenerator<Iterable<object>> {
  const { model, fields } = statement;
  const { driver } = shared;
  const { text, values, shape } = await compileRead(
    shared,
    tx ?? driver,
    statement,
  );
  const name = `dbp_cursor_${++cursors}`;
  const declare = (hold: string) => ({
    text: `declare ${name} no scroll cursor ${hold} hold for ${text}`,
    values,
  });
  const own = tx === undefined && driver.concurrent
    ? await driver.begin({ readOnly: true })
    : undefined;
  const link: SqlLink = own ?? tx ?? driver;
  try {
    await link.query(
      declare(own === undefined && tx === undefined ? "with" : "without"),
    );
    /** Fetches a batch, and returns how many milliseconds that took. */
    const fetch = async (rows: KeptRows): Promise<number> => {
      const start = performance.now();
      await link.query(
        { text: `fetch ${batchSize} from ${name}`, values: [], shape },
        rows.reader,
      );
      return performance.now() - start;
    };
    let [rows, others] = [keepRows(model, fields), keepRows(model, fields)];
    let fetching = fetch(rows);
    for (;;) {
      const isFast = await fetching < READ_AHEAD;
      const read = rows;
      const count = read.count();
      const isAhead = own !== undefined && isFast && count === batchSize;
      if (isAhead) {
        [rows, others] = [others, rows];
        fetching = fetch(rows);
        fetching.catch(ignore);
      }
      if (count > 0) yield read.decoded();
      if (count < batchSize) break;
      if (!isAhead) fetching = fetch(rows);
    }
  } finally {
    if (own === undefined) {
      await closing.query({ text: `close ${name}`, values: [] }).catch(ignore);
    } else await own.rollback();
  }
}
