// The only import of this package: Deno takes a millisecond at the start of a program for each file that imports a package from npm.
export { object, or } from "@optique/core/constructs";
export { formatDocPage } from "@optique/core/doc";
export { runParser } from "@optique/core/facade";
export { formatMessage, lineBreak, text } from "@optique/core/message";
export { map, multiple, optional, withDefault } from "@optique/core/modifiers";
export { getDocPage, suggestSync } from "@optique/core/parser";
export { argument, command, flag, option } from "@optique/core/primitives";
export { formatUsageTerm } from "@optique/core/usage";
export { choice, string } from "@optique/core/valueparser";
