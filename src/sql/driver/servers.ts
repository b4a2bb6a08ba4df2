import pg from "./pg.ts";
import { ConnectionError } from "../../base/errors/mod.ts";
import { isServerError } from "../link/server_error.ts";
import { requireBinding } from "./channel_binding.ts";
import {
  type ClientOptions,
  clientOptions,
  serverText,
} from "./client_options.ts";
import { cut } from "./client_socket.ts";
import type { SqlConfig } from "./config.ts";
import { type Endpoint, endpointsOf } from "./endpoints.ts";
import { endInTime } from "./end_in_time.ts";
import { errorMapper } from "./errors.ts";
import { NoAnswerError, withinTime } from "./patience.ts";
import type { SessionAttributes } from "./url_parameters.ts";

/** The servers of a connection, one of which is in use. */
export interface Servers {
  /** The options of new clients. They change when another server is chosen. */
  readonly options: ClientOptions;
  /** Whether there are several ways to connect. */
  readonly hasSeveral: boolean;
  /** Chooses the first server that accepts a connection and has the required state. */
  choose(): Promise<void>;
  /** Opens a client of the current server; if this fails, chooses a server again and opens another one. */
  open<T>(connect: () => Promise<T>): Promise<T>;
  /** Checks that the server of a new client has the required state. */
  check(client: pg.ClientBase): Promise<void>;
}

/** The servers that the settings name. */
export function createServers(config: SqlConfig): Servers {
  const endpoints = endpointsOf(config);
  const attributes = config.parameters.sessionAttributes ?? "any";
  const options = { ...clientOptions(config, endpoints[0]) };
  const hasSeveral = endpoints.length > 1;
  let choosing: Promise<void> | undefined;

  async function chooseServer(): Promise<void> {
    const wanted: readonly SessionAttributes[] = attributes === "prefer-standby"
      ? ["standby", "any"]
      : [attributes];
    const failures = new Map<Endpoint, unknown>();
    for (const state of wanted) {
      for (const endpoint of endpoints) {
        const tried = clientOptions(config, endpoint);
        try {
          await probe(tried, config, state);
          const { host, port, ssl, sslnegotiation } = tried;
          Object.assign(options, { host, port, ssl, sslnegotiation });
          return;
        } catch (error) {
          failures.set(endpoint, error);
          const next = endpoints[endpoints.indexOf(endpoint) + 1];
          // As in libpq, a server that refuses the login ends the search.
          if (isLoginRefused(error) && next?.host !== endpoint.host) {
            throw error;
          }
        }
      }
    }
    throw noServerError(config, failures);
  }

  const servers: Servers = {
    options,
    hasSeveral,
    choose() {
      choosing ??= chooseServer().finally(() => choosing = undefined);
      return choosing;
    },
    async open(connect) {
      try {
        return await connect();
      } catch (error) {
        if (!hasSeveral || isLoginRefused(error)) throw error;
        await servers.choose();
        return await connect();
      }
    },
    check: (client) => checkInTime(client, config, attributes),
  };
  return servers;
}

async function probe(
  options: ClientOptions,
  config: SqlConfig,
  state: SessionAttributes,
): Promise<void> {
  const client = new pg.Client(options);
  client.on("error", () => {});
  requireBinding(client, config);
  try {
    await client.connect();
    await checkInTime(client, config, state);
  } finally {
    await endInTime(client);
  }
}

/**
 * Checks the state of the server of a new client, which must answer within the
 * time for opening a connection.
 *
 * @throws {WrongStateError} if a server is not in the required state
 */
async function checkInTime(
  client: pg.ClientBase,
  { connectTimeout }: SqlConfig,
  state: SessionAttributes,
): Promise<void> {
  try {
    await withinTime(assertState(client, state), connectTimeout);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    cut(client);
    // The words of the driver for a connection that takes too long.
    throw new Error("timeout expired", { cause: error });
  }
}

/** @throws {WrongStateError} if a server is not in the required state */
async function assertState(
  client: pg.ClientBase,
  state: SessionAttributes,
): Promise<void> {
  if (state === "any" || state === "prefer-standby") return;
  const { rows: [row] } = await client.query(
    "select pg_catalog.pg_is_in_recovery()::text as standby, pg_catalog.current_setting('transaction_read_only') as readonly",
  );
  const isStandby = row?.standby === "true";
  const isReadOnly = isStandby || row?.readonly === "on";
  const isRight = {
    "read-write": !isReadOnly,
    "read-only": isReadOnly,
    primary: !isStandby,
    standby: isStandby,
  }[state];
  if (isRight) return;
  throw new WrongStateError(state);
}

/** A server accepts connections, but is not in the required state. */
class WrongStateError extends Error {
  constructor(state: SessionAttributes) {
    super(`the server is not ${state} (target_session_attrs)`);
  }
}

function isLoginRefused(error: unknown): boolean {
  return isServerError(error) && error.code.startsWith("28");
}

/** The error of a search in which no server was found: that of the only server, or a list. */
function noServerError(
  config: SqlConfig,
  failures: ReadonlyMap<Endpoint, unknown>,
): unknown {
  const last = [...failures.values()].at(-1);
  if (config.servers.length === 1) return last;
  const texts = [...failures].map(([server, error]) =>
    errorMapper(
      serverText({ servers: [server], database: config.database }),
      [],
      "Cannot connect to",
      config,
    )(error).message
  );
  return new ConnectionError([...new Set(texts)].join("; "), { cause: last });
}
