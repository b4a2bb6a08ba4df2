import { named } from "../codec/quote.ts";

/** What the server denies, by its English message, and the GRANT that allows it. */
const GRANTS: readonly (readonly [RegExp, (name: string) => string])[] = [
  [
    /denied for sequence (.+)$/,
    (name) =>
      `New rows take their numbers from it. Its owner can run: GRANT USAGE ON SEQUENCE ${name}`,
  ],
  [
    /denied to create temporary tables in database "(.+)"$/,
    (name) =>
      `The owner of the database can run: GRANT TEMPORARY ON DATABASE ${name}`,
  ],
  [
    /denied for database (.+)$/,
    (name) =>
      `The owner of the database can run: GRANT CREATE ON DATABASE ${name}`,
  ],
  [
    /denied for schema (.+)$/,
    (name) =>
      `The owner of the schema can run: GRANT USAGE ON SCHEMA ${name}, or GRANT USAGE, CREATE ON SCHEMA ${name} to create tables in it,`,
  ],
];

/** Returns which right is missing if the server denies the use of a sequence, a schema, or a database, from its English message. */
export function missingRightText(message: string): string | undefined {
  for (const [pattern, text] of GRANTS) {
    const [, name] = pattern.exec(message) ?? [];
    if (name !== undefined) {
      return `${text(named(name))} TO <the role of this connection>`;
    }
  }
  return undefined;
}
