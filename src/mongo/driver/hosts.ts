const DEFAULT_PORT = 27017;

/** One host, several joined by commas, an IPv6 address, or the path of a socket, as a URL writes them. */
export function placeOf(hosts: string, port: number = DEFAULT_PORT): string {
  return partsOf(hosts).map((host) => {
    if (host.startsWith("/")) return encodeURIComponent(host);
    if (/^\[.*\]:\d+$|^[^:]+:\d+$/.test(host)) return host;
    const bare = host.replace(/^\[(.*)\]$/, "$1");
    return bare.includes(":") ? `[${bare}]:${port}` : `${bare}:${port}`;
  }).join(",");
}

/** Why a setting names no hosts; undefined where it does. */
export function hostsProblem(hosts: string): string | undefined {
  if (hosts.includes("://")) {
    return "holds a URL, which is a setting of its own";
  }
  for (const host of partsOf(hosts)) {
    if (host === "") return "has a comma that no host stands beside";
    if (host.startsWith("/")) continue;
    const sign = /[\s%/?#@\\<>"]/.exec(host)?.[0];
    if (sign !== undefined) {
      return `has ${JSON.stringify(sign)}, which is in no host's name`;
    }
    const port = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(host)?.[1];
    if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
      return "has a port that is not within 1 and 65535";
    }
  }
  return undefined;
}

function partsOf(hosts: string): readonly string[] {
  return hosts.split(",").map((part) => part.trim());
}
