import { createModel, type DefinedModel } from "./model.ts";
import type { ModelOptions } from "./options.ts";
import type { Relation, RelationsFrom } from "./types.ts";

/**
 * As `defineModel`, for models that most programs import and few use: the
 * options are read, and checked, when a property other than `name` and `table`
 * is first used.
 */
export function deferredModel<
  const Name extends string,
  Output extends object,
  Input extends object,
  const Key extends readonly (keyof Output)[] = readonly [],
  const R extends Readonly<Record<string, Relation>> = Record<never, never>,
  Relations extends object = RelationsFrom<R>,
>(
  name: Name,
  options: () => Omit<ModelOptions<Output, Input, Key, R>, "table">,
): DefinedModel<Name, Output, Input, Key, Relations> {
  type Defined = DefinedModel<Name, Output, Input, Key, Relations>;
  let created: Defined | undefined;
  const defined = (): Defined =>
    created ??= createModel(name, options(), () => model);
  const model: Defined = {
    name,
    table: name,
    get renamedFrom() {
      return defined().renamedFrom;
    },
    get label() {
      return defined().label;
    },
    get primaryKey() {
      return defined().primaryKey;
    },
    get primaryKeyName() {
      return defined().primaryKeyName;
    },
    get fields() {
      return defined().fields;
    },
    get byName() {
      return defined().byName;
    },
    get unique() {
      return defined().unique;
    },
    get foreignKeys() {
      return defined().foreignKeys;
    },
    get indexes() {
      return defined().indexes;
    },
    get checks() {
      return defined().checks;
    },
    get relations() {
      return defined().relations;
    },
    get partitionBy() {
      return defined().partitionBy;
    },
    get seed() {
      return defined().seed;
    },
    get spatial() {
      return defined().spatial;
    },
    get mongo() {
      return defined().mongo;
    },
    get prototype() {
      return defined().prototype;
    },
  };
  return Object.freeze(model);
}
