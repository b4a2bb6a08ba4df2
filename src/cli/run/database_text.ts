import { isConnectionText } from "../../base/url_secrets.ts";
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
    isName(at) && !at.includes("@") ? `${engine} at ${at}` : engine,
    ...parts.filter(([, value]) => isName(value))
      .map(([word, value]) => `${word} ${value}`),
  ].join(", ");
}

/** Whether a text can be a name: a URL in its place may hold a password. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" &&
    !value.includes("://") && !isConnectionText(value);
}

/** A URL whose host cannot be a part of the password: no second `@`, and none behind the host. */
const URL_FORM =
  /^[\w+]+:\/\/(?:[^@/?#]*@)?([^@/?#]+)(?:\/([^@/?#]*))?(?:[?#][^@]*)?$/;

function partsOfUrl(
  url: unknown,
): { host: string; database: string } | undefined {
  if (typeof url !== "string") return undefined;
  const [, host, database = ""] = URL_FORM.exec(url) ?? [];
  return host === undefined ? undefined : { host, database };
}
