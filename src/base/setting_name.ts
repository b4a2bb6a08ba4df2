/** A key of the settings as it is looked up: its case does not count, and a hyphen is an underscore. */
export function settingName(key: string): string {
  return key.toUpperCase().replaceAll("-", "_");
}

/** What settings hold under a key, whatever its case. */
export function settingOf(settings: unknown, name: string): unknown {
  if (typeof settings !== "object" || settings === null) return undefined;
  const found = Object.entries(settings).find(([key]) =>
    settingName(key) === name
  );
  return found?.[1];
}
