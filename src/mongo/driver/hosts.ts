import { hostProblem, isUrlOfHosts } from "../../base/url_secrets.ts";

const DEFAULT_PORT = 27017;

/** The hosts of a URL: one host, several joined by commas, an IPv6 address, or the path of a socket. */
export function hostsInUrl(hosts: string, port: number = DEFAULT_PORT): string {
  return splitHosts(hosts).map((host) => {
    if (host.startsWith("/")) return encodeURIComponent(host);
    if (/^\[.*\]:\d+$|^[^:]+:\d+$/.test(host)) return host;
    const bare = host.replace(/^\[(.*)\]$/, "$1");
    return bare.includes(":") ? `[${bare}]:${port}` : `${bare}:${port}`;
  }).join(",");
}

/** Why a setting does not name hosts; undefined if it does. */
export function hostsProblem(hosts: string): string | undefined {
  if (isUrlOfHosts(hosts)) return "is a URL: use the setting URL instead";
  for (const host of splitHosts(hosts)) {
    if (host === "") return "has an empty host before or after a comma";
    if (host.startsWith("/")) continue;
    const problem = hostProblem(host);
    if (problem !== undefined) return problem;
    const port = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(host)?.[1];
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
      return "has a port outside 1 to 65535";
    }
  }
  return undefined;
}

function splitHosts(hosts: string): readonly string[] {
  return hosts.split(",").map((part) => part.trim());
}
