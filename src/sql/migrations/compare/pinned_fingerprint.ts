import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link/link.ts";
import { pin } from "../../schema/session_settings.ts";
import { fingerprintNow } from "./fingerprint.ts";

/** Returns the fingerprint with the settings of a migration session, because the server's spelling of defaults and types depends on settings. */
export async function pinnedFingerprint(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string,
): Promise<string> {
  const tx = await driver.begin({});
  try {
    await pin(tx, schema, "transaction");
    return await fingerprintNow(tx, models, schema, true);
  } finally {
    await tx.rollback();
  }
}
