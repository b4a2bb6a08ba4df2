export { SQLConnection } from "./src/sql/connection.ts";
export * from "./src/errors.ts";
