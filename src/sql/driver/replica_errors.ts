import {
  AuthenticationError,
  ConnectionError,
  DatabaseError,
  isClosedByProgram,
  SchemaError,
  SerializationError,
} from "../../base/errors/mod.ts";
import { isUnconnected } from "./connection_error.ts";
import type { ErrorMapper } from "./errors.ts";
import { sqlStateOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";

/** SQLSTATEs of a server that cannot do its work: resources, system errors, internal errors. */
const FAULTS = /^(?:53|58|XX)/;
/** SQLSTATEs that depend on the statement and the values alone: data, constraints, and raised exceptions. */
const SAME_ANYWHERE = /^(?:22|23|P0)/;

/** Returns the mapper of a replica. A conflict with the replay of the log is not repeated there. */
export function replicaErrors(mapError: ErrorMapper): ErrorMapper {
  return (error) => {
    const mapped = mapError(error);
    return mapped instanceof SerializationError
      ? new DatabaseError(
        `The replica canceled the read: ${
          mapped.cause instanceof Error ? mapped.cause.message : mapped.message
        }. Read again, or with on: "primary". The setting hot_standby_feedback of the replica prevents most of these conflicts`,
        {
          cause: mapped,
          code: sqlStateOf(error) ?? SQLSTATE.serializationFailure,
        },
      )
      : mapped;
  };
}

/** Whether an error means that the replica itself cannot be used. */
export function isReplicaFault(error: unknown): error is Error {
  if (isClosedByProgram(error)) return false;
  return error instanceof ConnectionError ||
    error instanceof AuthenticationError || isUnconnected(error) ||
    (error instanceof DatabaseError && FAULTS.test(error.code ?? ""));
}

/** Whether a read that failed on a replica may succeed on the primary: the replica may lack a table, a right, or a feature, or have ended the read because of a conflict. */
export function mayDifferElsewhere(error: unknown): boolean {
  if (error instanceof SchemaError) return true;
  return error instanceof DatabaseError && error.code !== undefined &&
    !SAME_ANYWHERE.test(error.code);
}
