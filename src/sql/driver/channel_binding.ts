import type pg from "pg";
import type { SqlConfig } from "./config.ts";

/** The connection of a client, which `@types/pg` has no types for. */
interface Connected {
  readonly connection: {
    readonly stream: { destroy(error: Error): void };
    on(
      event: "authenticationSASL" | "authenticationOk",
      listener: (message: { readonly mechanisms?: readonly string[] }) => void,
    ): void;
  };
}

/** Ends the connection of a new client if the settings require channel binding and the server logs it in without. */
export function requireBinding(
  client: pg.Client,
  { parameters }: Pick<SqlConfig, "parameters">,
): void {
  if (parameters.channelBinding !== "require") return;
  const { connection } = client as pg.Client & Connected;
  let isBound = false;
  connection.on("authenticationSASL", ({ mechanisms = [] }) => {
    isBound = mechanisms.includes("SCRAM-SHA-256-PLUS");
  });
  connection.on("authenticationOk", () => {
    if (isBound) return;
    connection.stream.destroy(
      new Error(
        "channel_binding=require, but the server logs in without channel binding",
      ),
    );
  });
}
