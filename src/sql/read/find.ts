import { all } from "../../query/statement/condition.ts";
import type {
  FindEachStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import type { Nearest } from "../../query/statement/position.ts";
import { createRowList } from "../codec/row_list.ts";
import type { SqlLink } from "../link/link.ts";
import { compileRead, type ReadContext } from "./compile_read.ts";
import { nearestRadii } from "./nearest_radii.ts";
import { preparePositions } from "./statement_facts.ts";

/** Reads rows. */
export async function find(
  context: ReadContext,
  link: SqlLink,
  statement: FindStatement | FindEachStatement,
): Promise<object[]> {
  return statement.kind === "find" && statement.nearest !== undefined
    ? await findNearest(context, link, statement, statement.nearest)
    : await findRows(context, link, statement);
}

/** Reads the nearest rows: those of a small cone, if there are enough in it. */
async function findNearest(
  context: ReadContext,
  link: SqlLink,
  statement: FindStatement,
  nearest: Nearest,
): Promise<object[]> {
  const { model, limit, where } = statement;
  await preparePositions(context.tables, link, statement);
  const rows = context.tables.positions.of(model)?.rows;
  for (const radius of nearestRadii(statement, rows)) {
    const { position, ra, dec } = nearest;
    const region = { kind: "cone", ra, dec, radius } as const;
    const found = await findRows(context, link, {
      ...statement,
      nearest: { ...nearest, radius },
      where: all([{ kind: "sky", position, region }, where]),
    });
    if (found.length === limit) return found;
  }
  return await findRows(context, link, statement);
}

async function findRows(
  context: ReadContext,
  link: SqlLink,
  statement: FindStatement | FindEachStatement,
): Promise<object[]> {
  const { model, fields } = statement;
  const rows = createRowList(model, fields);
  const command = compileRead(context, link, statement);
  await link.query(
    command instanceof Promise ? await command : command,
    rows.reader,
  );
  return rows.take();
}
