import type { AnyModel } from "../../model/types.ts";
import {
  type Condition,
  hasPositions,
  hasRelations,
  relatedModels,
} from "../../query/statement/condition.ts";
import type { SqlLink } from "../link/link.ts";
import type { FactsOfTables, TableFacts } from "../schema/table_facts.ts";

/** The facts of the table of a statement, with those of the tables of its relations. */
type StatementFacts = TableFacts & {
  readonly related?: ReadonlyMap<AnyModel, TableFacts>;
};

/**
 * Reads which tables of a statement have a position index, if it has conditions
 * on positions. Returns a promise only if it must read.
 */
export function preparePositions(
  { positions }: FactsOfTables,
  link: SqlLink,
  { model, where }: { readonly model: AnyModel; readonly where?: Condition },
): Promise<void> | undefined {
  return where === undefined || !hasPositions(where)
    ? undefined
    : positions.prepare(link, [model, ...relatedModels(where)]);
}

/**
 * Returns the facts of the tables of a statement. Returns a promise only if it
 * must read them, so that calls keep their order.
 */
export function statementFacts(
  tables: FactsOfTables,
  link: SqlLink,
  { model, where }: { readonly model: AnyModel; readonly where?: Condition },
): StatementFacts | Promise<StatementFacts> {
  const own = tables.known(model);
  if (where === undefined || !hasRelations(where)) {
    return own ?? tables.of(link, model);
  }
  const models = relatedModels(where);
  const related = new Map<AnyModel, TableFacts>();
  for (const target of models) {
    const known = tables.known(target);
    if (known !== undefined) related.set(target, known);
  }
  return own !== undefined && models.every((target) => related.has(target))
    ? { ...own, related }
    : readAll(tables, link, model, models);
}

async function readAll(
  tables: FactsOfTables,
  link: SqlLink,
  model: AnyModel,
  models: readonly AnyModel[],
): Promise<StatementFacts> {
  const related = new Map<AnyModel, TableFacts>();
  for (const needed of models) {
    related.set(needed, await tables.of(link, needed));
  }
  return { ...await tables.of(link, model), related };
}
