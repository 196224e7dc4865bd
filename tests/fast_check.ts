/**
 * Random values for tests, and the smallest value that fails. Tests alone need this package, so it is in no import map: `deno
 * task` downloads every package of the map and of deno.lock before it runs a task.
 */

// deno-lint-ignore no-import-prefix
export { default } from "npm:fast-check@4.10.2";
