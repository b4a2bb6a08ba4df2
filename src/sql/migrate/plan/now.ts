import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link.ts";

/** What the models manage and is there: `object`, `object.oid`, `object#ix_object_oid`. */
export function managedNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  throw new Error(`${link} ${models} ${schema}`);
}

/** What is different between the tables and the models, in words. */
export function differencesNow(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  throw new Error(`${driver} ${models} ${schema}`);
}

/** Whether none of the models' tables is there. */
export function isEmpty(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<boolean> {
  throw new Error(`${link} ${models} ${schema}`);
}
