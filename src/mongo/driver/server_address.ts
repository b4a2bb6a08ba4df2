import type { Document, MongoClient } from "mongodb";
import type { QueryEvent } from "../../engine/engine.ts";

/** The name or address of a server and its port, if they are known. */
export type Address = Pick<QueryEvent, "host" | "port">;

/** The servers that a client uses. */
export interface Servers {
  /** The server of writes, and of reads on the primary. */
  primary(): Address;
  /** The server of reads that may use any member; unknown if there are several. */
  member(): Address;
  /** Stops following changes. */
  stop(): void;
}

const UNKNOWN: Address = Object.freeze({});

/**
 * Follows which server is the primary of a client. The driver reports the
 * server of each command only if it also decodes each answer for that report.
 *
 * @param hosts the hosts of the client
 * @param hello the answer of its first server
 */
export function followServers(
  client: MongoClient,
  hosts: string,
  hello: Document,
): Servers {
  const isSet = "setName" in hello && client.options?.directConnection !== true;
  if (!isSet) {
    const address = addressOf(hosts);
    return { primary: () => address, member: () => address, stop: () => {} };
  }
  let primary = addressOf(String(hello.primary));
  let isAlone = Array.isArray(hello.hosts) && hello.hosts.length === 1 &&
    !("passives" in hello);
  const follow = (
    { newDescription: { servers } }: {
      readonly newDescription: {
        readonly servers: ReadonlyMap<string, { readonly type: string }>;
      };
    },
  ): void => {
    const [name] = [...servers].find(([, { type }]) => type === "RSPrimary") ??
      [];
    isAlone = servers.size === 1;
    // Between two primaries, the previous one answers last.
    if (name !== undefined) primary = addressOf(name);
  };
  client.on("topologyDescriptionChanged", follow);
  return {
    primary: () => primary,
    member: () => isAlone ? primary : UNKNOWN,
    stop: () => void client.off("topologyDescriptionChanged", follow),
  };
}

/** Returns the address of a server; nothing for several. */
function addressOf(hosts: string): Address {
  const [, host, port] = /^\[?([^,\]]+?)\]?:(\d+)$/.exec(hosts) ?? [];
  return host === undefined ? UNKNOWN : { host, port: Number(port) };
}
