// The only import of this package: Deno takes a millisecond at the start of a program for each file that imports a package from npm.
export {
  Binary,
  BSON,
  Long,
  MongoClient,
  MongoNetworkError,
  ObjectId,
} from "mongodb";
