/**
 * A question server: answers three aphorisms.
 * @module
 */

import { portNumber, readArguments, runProgram, UsageError } from "../arguments.ts";
import { runServer } from "../serving.ts";
import { question, QUESTION_PORT } from "./question.ts";

const USAGE = "usage: question_server HOST [-p PORT] [-d]   (port 1060; HOST '': every address; -d: print events)";

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { string: ["p"], boolean: ["d"] });
    const [hostname, ...rest] = words;
    if (hostname === undefined || rest.length > 0) throw new UsageError("one host is needed");
    const address = { hostname, port: portNumber(flags["p"], QUESTION_PORT) };
    return await runServer(question, { name: "question", address, isDebugging: flags["d"] === true });
  }),
);
