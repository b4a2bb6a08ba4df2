import { settingOf } from "../../base/setting_name.ts";

/** Names the database of a `DB_CONFIG` entry in a question: never a user, never a password. */
export function databaseText(engine: string, entry: unknown): string {
  const url = partsOfUrl(
    settingOf(entry, "URL") ?? settingOf(entry, "SQLALCHEMY_DATABASE_URL"),
  );
  const host = settingOf(entry, "HOST") ?? url?.host;
  const port = settingOf(entry, "PORT");
  const parts: [string, unknown][] = [
    [
      "database",
      settingOf(entry, "DB_NAME") ?? settingOf(entry, "DATABASE") ??
        url?.database,
    ],
    ["schema", settingOf(entry, "SCHEMA")],
  ];
  const at = port === undefined ? host : host && `${host}:${port}`;
  return [
    isName(at) ? `${engine} at ${at}` : engine,
    ...parts.filter(([, value]) => isName(value))
      .map(([word, value]) => `${word} ${value}`),
  ].join(", ");
}

/** Whether a text can be a name: a URL in its place may hold a password. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("://");
}

function partsOfUrl(
  url: unknown,
): { host: string; database: string } | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  // An unescaped user or password can end up in any part of the URL.
  return host === "" || pathname.includes("@")
    ? undefined
    : { host, database: pathname.slice(1) };
}
