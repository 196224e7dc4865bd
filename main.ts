/**
 * sweepd, a static web server in one file. From arguments to an exit code; everything else is in src/.
 * @module
 */

import { main } from "./src/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
