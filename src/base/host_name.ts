import { hostname } from "node:os";

/** Returns the name of this machine, or an empty string if the permission to read it is missing. */
export function hostName(): string {
  try {
    return hostname();
  } catch {
    return "";
  }
}
