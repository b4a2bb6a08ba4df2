import { settingOf } from "../../base/setting_name.ts";

/** Which database an entry of `DB_CONFIG` means, for a question: never a user, never a password. */
export function placeOf(engine: string, entry: unknown): string {
  const url = placeInUrl(
    settingOf(entry, "URL") ?? settingOf(entry, "SQLALCHEMY_DATABASE_URL"),
  );
  const host = settingOf(entry, "HOST") ?? url?.host;
  const port = settingOf(entry, "PORT");
  const parts: [string, unknown][] = [
    ["at", port === undefined ? host : host && `${host}:${port}`],
    [
      "database",
      settingOf(entry, "DB_NAME") ?? settingOf(entry, "DATABASE") ??
        url?.database,
    ],
    ["schema", settingOf(entry, "SCHEMA")],
  ];
  return [
    engine,
    ...parts.filter(([, value]) =>
      // A URL in the place of a name may hold a password.
      typeof value === "string" && value !== "" && !value.includes("://")
    )
      .map(([word, value]) => `${word} ${value}`),
  ].join(", ");
}

function placeInUrl(
  url: unknown,
): { host: string; database: string } | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  // A user or password that was not escaped can end up anywhere.
  return host === "" || pathname.includes("@")
    ? undefined
    : { host, database: pathname.slice(1) };
}
