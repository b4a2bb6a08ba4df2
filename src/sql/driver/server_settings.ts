import {
  anyText,
  type SettingType,
  text,
  type ValuesOf,
  wholeNumber,
} from "../../base/setting_types.ts";
import {
  hostProblem,
  isConnectionText,
  isUrlOfHosts,
} from "../../base/url_secrets.ts";
import { isRecord } from "../../model/option_shape.ts";
import type { UrlSettings } from "./read_url.ts";

/** A database. It must not be a URL, which can contain a password that messages would repeat. */
const database = text((value) =>
  isConnectionText(value)
    ? "is invalid: it is a URL; use the key URL"
    : undefined
);

/** Hosts, or folders of sockets. */
const hosts = text((value) => {
  if (isUrlOfHosts(value)) {
    return "is invalid: it is a URL; use the key URL";
  }
  const names = value.split(",").map((host) => host.trim());
  const wrong = names.filter((host) => !host.startsWith("/")).map(hostProblem);
  return wrong.find((problem) => problem !== undefined);
});

/** A copy of the options, because the driver changes them. */
const tls: SettingType<boolean | Readonly<Record<string, unknown>>> = (
  value,
) => {
  if (typeof value === "boolean") return { value };
  return isRecord(value)
    ? { value: { ...value } }
    : { problem: "must be true, false, or an object with options of TLS" };
};

/** The keys of a server and of the login to it. */
export const SERVER_KEYS: {
  readonly HOST: SettingType<string>;
  readonly PORT: SettingType<number>;
  readonly USER: SettingType<string>;
  readonly PASSWORD: SettingType<string>;
  readonly DB_NAME: SettingType<string>;
  readonly SSL: SettingType<boolean | Readonly<Record<string, unknown>>>;
} = {
  HOST: hosts,
  PORT: wholeNumber(1, 65_535),
  USER: text(),
  PASSWORD: anyText,
  DB_NAME: database,
  SSL: tls,
};

/** Returns the servers and the login that keys give. The keys override the URL beside them. */
export function serverSettings(
  values: ValuesOf<typeof SERVER_KEYS>,
  inUrl: UrlSettings["servers"],
): UrlSettings {
  const settings: UrlSettings = {};
  const { HOST, PORT } = values;
  const servers = HOST === undefined
    ? inUrl
    : HOST.split(",").map((host, index) => ({
      host: host.trim(),
      port: inUrl?.[index]?.port,
    }));
  if (servers !== undefined) {
    settings.servers = PORT === undefined
      ? servers
      : servers.map(({ host }) => ({ host, port: PORT }));
  }
  if (values.USER !== undefined) settings.user = values.USER;
  if (values.PASSWORD !== undefined) settings.password = values.PASSWORD;
  if (values.DB_NAME !== undefined) settings.database = values.DB_NAME;
  return settings;
}
