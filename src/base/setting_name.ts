/** Returns a key of the settings in its normal form: case does not matter, and a hyphen is an underscore. */
export function settingName(key: string): string {
  return key.toUpperCase().replaceAll("-", "_");
}

/** Returns the value of a key of the settings, in any case. */
export function settingOf(settings: unknown, name: string): unknown {
  if (typeof settings !== "object" || settings === null) return undefined;
  const found = Object.entries(settings).find(([key]) =>
    settingName(key) === name
  );
  return found?.[1];
}
