// Increments one row many times, in each way that takes expressions.
import {
  type DatabaseConnection,
  greatest,
  increment,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { Star, Tally } from "@alerce/db-plugins/testing";

const { settings, process, rounds } = JSON.parse(
  Deno.env.get("DBP_TEST_CHILD") ?? "{}",
);
const models = [Star, Tally];
const isMongo = "DATABASE" in settings;
await using db: DatabaseConnection = isMongo
  ? new MongoConnection({ models })
  : new SQLConnection({ models });
await db.connect(settings);
const tallies = db.query(Tally);
const row = await tallies.findOne({ filterBy: { id: 1 } });
if (row === null) throw new Error("The row is missing");
for (let round = 0; round < rounds; round++) {
  const level = greatest(process * 1_000 + round);
  await tallies.updateAll({
    filterBy: { id: 1 },
    set: { total: increment(1), level },
  });
  await tallies.updateAll({ filterBy: {}, set: { total: increment(1) } });
  await tallies.bulkUpdate([{ id: 1, total: increment(1) }]);
  tallies.update(row, { total: increment(1) });
  await db.session.commit();
}
