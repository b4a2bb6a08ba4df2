import type { AnyModel } from "../../model/types.ts";

/** The models of a connection by name, for relations. */
export type Models = ReadonlyMap<string, AnyModel>;
