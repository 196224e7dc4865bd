/**
 * An echo server: sends back the bytes that it reads.
 * @module
 */

import { HURRY, portNumber, readArguments, runProgram, wholeNumber } from "../arguments.ts";
import { runServer } from "../serving.ts";
import { echo } from "./echo.ts";

const USAGE = `usage: echo_server [-p PORT] [-d] [--hurry N]
  -p        3000 by default, on every address
  -d        print events
  --hurry   limits of time are 1/N of the usual ones`;

/** Large enough that a fast client needs few reads. Each open connection has one accumulator. */
const ACCUMULATOR = { minBytes: 16 * 1024, maxBytes: 16 * 1024 };

Deno.exit(
  await runProgram(USAGE, async () => {
    const { flags } = readArguments(Deno.args, { string: ["p", "hurry"], boolean: ["d"] });
    const address = { hostname: "", port: portNumber(flags["p"], 3000) };
    return await runServer(echo, {
      name: "echo",
      address,
      hurry: wholeNumber(flags["hurry"], 1, HURRY),
      isDebugging: flags["d"] === true,
      accumulator: ACCUMULATOR,
    });
  }),
);
