/** The accessibility checker as the text of a script. Tests alone need this package, see fast_check.ts. */

// deno-lint-ignore no-import-prefix
import axe from "npm:axe-core@4.14.1";

/** Defines `axe` in a page. */
export const AXE_SOURCE: string = axe.source;
