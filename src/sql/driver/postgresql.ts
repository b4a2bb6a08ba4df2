import pg from "./pg.ts";
import { recordedOutcome } from "../../base/errors/mod.ts";
import type { SqlConfig } from "./config.ts";
import {
  beginText,
  type Command,
  type Done,
  type Rows,
  type SqlDriver,
} from "../link/link.ts";
import { withEndReason } from "./end_reason.ts";
import { LostCommitError } from "./errors.ts";
import {
  isBroken,
  isServerError,
  isStalePlan,
  isUnprepared,
} from "../link/server_error.ts";
import { serverText } from "./client_options.ts";
import {
  answerOf,
  createCallLimits,
  PipelineClosedError,
} from "./call_limits.ts";
import { isInTransaction } from "./connection_reader.ts";
import { limitedSender } from "./limited_sender.ts";
import { peerOf } from "./client_socket.ts";
import { createConnectingClients } from "./connecting_clients.ts";
import { createPeerWatch } from "./peer_watch.ts";
import { createPipelines, type Pipeline } from "./pipelines.ts";
import { createLeases } from "./client_leases.ts";
import { leftOpen } from "./raw_scripts.ts";
import { createNames } from "./statement_names.ts";
import { postgresqlSession } from "./postgresql_session.ts";
import { createTransaction } from "./postgresql_transaction.ts";
import { createProbe } from "./probe.ts";
import { createSender, type Sent, settled } from "./sender.ts";
import { StaleColumnsError, UnknownColumnsError } from "./protocol/exchange.ts";
import { createServers } from "./servers.ts";
import { createTicker } from "./ticker.ts";
import { TIMES } from "./watch_times.ts";

const ignore = (): void => {};

/** Returns the error of a statement. If the connection of a small write was lost, the server may have committed it. */
function withUnknownOutcome(error: unknown, command: Command): unknown {
  const isKnown = !command.isSmallWrite || isServerError(answerOf(error)) ||
    error instanceof UnknownColumnsError || error instanceof LostCommitError ||
    recordedOutcome(error) === "not applied";
  return isKnown ? error : new LostCommitError(error);
}

/**
 * Opens a PostgreSQL server through `pg`. Reads by key share a few pipelined
 * clients, and a small write takes an idle one for itself. Every other statement,
 * which may take long or wait for a lock, has a client of the pool for itself.
 */
export async function openPostgresql(
  config: SqlConfig,
  given: pg.Pool | undefined,
): Promise<SqlDriver> {
  const servers = createServers(config);
  if (given === undefined && servers.hasSeveral) await servers.choose();
  const watch = createPeerWatch(given?.options ?? servers.options, config);
  const connecting = createConnectingClients(config, watch);
  const pool = given ??
    new pg.Pool({
      ...servers.options,
      onConnect: servers.check,
      Client: connecting.Client,
      max: config.poolSize,
      allowExitOnIdle: true,
    });
  // The pool replaces an idle client that fails. Several connections may use a given pool.
  if (!pool.listeners("error").includes(ignore)) pool.on("error", ignore);
  const limits = createCallLimits({
    milliseconds: config.callTimeout,
    location: serverText(config),
    isDirect: watch.isDirect,
  });
  const ticker = createTicker();
  const unlimited = createSender(() => {
    watch.wake();
    ticker.wake();
  });
  const sender = limitedSender(unlimited, limits);
  const pipelines = given === undefined
    ? createPipelines(servers.options, sender, config, watch, ticker)
    : undefined;
  /** Connects to the server that was chosen last, and chooses again if that fails. */
  const connectToChosen = (): Promise<pg.PoolClient> =>
    servers.open(() => {
      const { host, port, ssl } = servers.options;
      Object.assign(pool.options, { host, port, ssl });
      return pool.connect();
    });
  const leases = createLeases({
    connect: given === undefined && servers.hasSeveral
      ? connectToChosen
      : () => pool.connect(),
    // A given pool may count the uses of its clients.
    mayKeep: () => given === undefined && pool.waitingCount === 0,
    config,
    servers,
    watch,
    limits,
  });
  const names = createNames(config.prepare);
  try {
    (await pool.connect()).release();
  } catch (error) {
    if (given === undefined) await pool.end();
    throw error;
  }

  async function sendPooled(
    command: Command,
    rows: Rows | undefined,
  ): Promise<Sent> {
    const lease = leases.acquire(command.signal);
    const { client, release } = lease instanceof Promise ? await lease : lease;
    const { raw } = command;
    let isClientBroken = raw?.leavesState === true;
    try {
      if (raw !== undefined) {
        const sent = await sender.send(client, command, rows);
        if (!isInTransaction(client)) return sent;
        isClientBroken = true;
        throw leftOpen();
      }
      try {
        return await sender.send(client, command, rows);
      } catch (error) {
        if (command.name === undefined || !isUnprepared(error)) throw error;
        return await sender.send(client, command, rows);
      }
    } catch (error) {
      isClientBroken ||= raw?.isScript === true || isBroken(answerOf(error));
      throw withUnknownOutcome(withEndReason(client, error), command);
    } finally {
      release(isClientBroken);
    }
  }

  function pipelineFor(
    { short, isSmallWrite, signal }: Command,
  ): Pipeline | undefined {
    // A request to cancel would reach the statements of others.
    if (signal !== undefined) return undefined;
    if (isSmallWrite === true) return pipelines?.take();
    return short === true ? pipelines?.pick() : undefined;
  }

  /** Sends a statement that failed again, or throws its error. */
  async function sendAgain(
    command: Command,
    named: Command,
    rows: Rows | undefined,
    failure: unknown,
    isPipelined: boolean,
  ): Promise<Sent> {
    const error = withUnknownOutcome(failure, named);
    if (
      error instanceof UnknownColumnsError ||
      (error instanceof PipelineClosedError && named.short === true)
    ) return await sendPooled(named, rows);
    if (command.name === undefined || !config.prepare) throw error;
    if (named.name !== undefined && isStalePlan(error)) {
      names.renew(named.name);
    } // The statement before it on the pipeline should have prepared it, and failed; or the server is down, and another one may answer.
    else if (
      !isPipelined ||
      !(isUnprepared(error) ||
        (named.short && servers.hasSeveral && isBroken(error)))
    ) throw error;
    return await sendPooled(names.of(command), rows);
  }

  async function query(
    command: Command,
    rows: Rows | undefined,
  ): Promise<Done> {
    const named = names.of(command);
    // A statement that must be described first would delay those behind it.
    const pipeline = sender.isDescribed(named, rows)
      ? pipelineFor(named)
      : undefined;
    let sent: Sent;
    try {
      sent = await (pipeline === undefined
        ? sendPooled(named, rows)
        : pipeline.send(named, rows));
    } catch (failure) {
      const isPipelined = pipeline !== undefined;
      sent = await sendAgain(command, named, rows, failure, isPipelined);
    }
    return sent.failure instanceof StaleColumnsError && named.isRead === true
      ? settled(await sendPooled(names.of(command), rows))
      : settled(sent);
  }

  return {
    concurrent: true,
    location: serverText(config),
    address() {
      const { host, port } = given?.options ?? servers.options;
      return {
        ...host === undefined ? {} : { host },
        ...port === undefined ? {} : { port: Number(port) },
      };
    },
    elapsed: ticker.now,
    query,
    async begin(options) {
      const text = beginText(options);
      const { signal } = options;
      const lease = await leases.acquire(signal);
      try {
        await sender.send(lease.client, { text, values: [], signal });
      } catch (error) {
        lease.release(true);
        throw withEndReason(lease.client, error);
      }
      return createTransaction(
        lease,
        { names, sender, unlimited, limits },
        text,
      );
    },
    async reserve() {
      const { client, release } = given === undefined
        ? await leases.dedicated()
        : await leases.acquire();
      return postgresqlSession(
        client,
        limitedSender(unlimited, limits, false),
        createProbe(
          given?.options ?? servers.options,
          peerOf(client),
          config,
          { ...TIMES, answer: TIMES.answer / 2 },
        ),
        () => release(true),
      );
    },
    async close() {
      pipelines?.close();
      leases.close();
      connecting.close();
      ticker.stop();
      if (given === undefined) {
        await pool.end();
        await watch.close();
      } else watch.stop();
    },
  };
}
