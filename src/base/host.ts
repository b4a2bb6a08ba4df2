import { hostname } from "node:os";

/** The name of this machine; empty where the program may not know it. */
export function host(): string {
  try {
    return hostname();
  } catch {
    return "";
  }
}
