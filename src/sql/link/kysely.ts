// The only import of this package: Deno takes a millisecond at the start of a program for each file that imports a package from npm.
export {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
