import type { Difference } from "./difference.ts";

/** Maximum length of a name, in characters. */
const MOST = 50;

/** Returns the name of a migration that removes these differences: `add_star_mag`, `add_star_planet`, `change_star`. */
export function migrationName(differences: readonly Difference[]): string {
  const counted = differences.filter(({ weight }) => weight > 0);
  const all = counted.length > 0 ? counted : differences;
  const highest = Math.max(...all.map(({ weight }) => weight));
  const [first, ...others] = all.filter(({ weight }) => weight === highest);
  if (first === undefined) return "nothing";
  const tables = [...new Set(all.map(({ table }) => table))];
  if (others.length === 0 && tables.length === 1) {
    return plain(`${first.verb}_${first.object}`).slice(0, MOST);
  }
  const addsTables = all.every(({ verb, object, table }) =>
    verb === "add" && object === table
  );
  const verb = addsTables ? "add" : "change";
  const name = plain(`${verb}_${tables.join("_")}`);
  return name.length <= MOST || tables.length === 1
    ? name.slice(0, MOST)
    : `${verb}_${tables.length}_tables`;
}

/** Lower-case letters, digits and `_`, as in the names of files. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "") || "change";
}
