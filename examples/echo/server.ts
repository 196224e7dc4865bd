/**
 * An echo server: sends back what it reads.
 * @module
 */

import { portNumber, readArguments, runProgram } from "../arguments.ts";
import { runServer } from "../serving.ts";
import { echo } from "./echo.ts";

const USAGE = "usage: echo_server [-p PORT] [-d]   (port 3000, on every address; -d: tell what happens)";

/** Large enough that a fast client's bytes take few reads; each open connection costs one. */
const ACCUMULATOR = { minBytes: 16 * 1024, maxBytes: 16 * 1024 };

Deno.exit(
  await runProgram(USAGE, async () => {
    const { flags } = readArguments(Deno.args, { string: ["p"], boolean: ["d"] });
    const address = { hostname: "", port: portNumber(flags["p"], 3000) };
    return await runServer(echo(), {
      name: "echo",
      address,
      isDebugging: flags["d"] === true,
      accumulator: ACCUMULATOR,
    });
  }),
);
