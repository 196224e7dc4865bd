/**
 * The version, from the one place where it is written.
 * @module
 */

import manifest from "../deno.json" with { type: "json" };

export const VERSION: string = manifest.version;
