/**
 * sweepd, a static web server in one file. Converts arguments to an exit code; everything else is in src/.
 * @module
 */

import { Signals } from "./src/process/signals.ts";

if (import.meta.main) {
  const signals = new Signals(); // First, because a signal without a listener ends the process.
  const { main } = await import("./src/cli/main.ts");
  Deno.exit(await main(Deno.args, signals));
}
