// deno-lint-ignore-file no-console
// Concurrent requests, each with its own session.
import { connect } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";

await using db = await connect(
  { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } },
  { useScoped: true },
);
await db.createDb();

function request(oid: string, ndet: number): Promise<void> {
  return db.withSession(async (session) => {
    const [object] = await db.query(AstroObject).getOrCreate({
      filterBy: { oid },
    });
    db.query(AstroObject).update(object, { ndet });
    await session.commit();
  });
}

await Promise.all([request("ZTF18aaxlzgi", 1), request("ZTF18aazxcwf", 2)]);
const rows = await db.query(AstroObject).findAll({ orderBy: { oid: "asc" } });
for (const row of rows) console.log(String(row), row.ndet);
