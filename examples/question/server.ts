/**
 * A question server: answers three aphorisms.
 * @module
 */

import { HURRY, portNumber, readArguments, runProgram, UsageError, wholeNumber } from "../arguments.ts";
import { runServer } from "../serving.ts";
import { question, QUESTION_PORT } from "./question.ts";

const USAGE = `usage: question_server HOST [-p PORT] [-d] [--hurry N]
  HOST      '' means every address
  -p        1060 by default
  -d        print events
  --hurry   limits of time are 1/N of the usual ones`;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { string: ["p", "hurry"], boolean: ["d"] });
    const [hostname, ...rest] = words;
    if (hostname === undefined || rest.length > 0) throw new UsageError("one host is needed");
    const address = { hostname, port: portNumber(flags["p"], QUESTION_PORT) };
    const hurry = wholeNumber(flags["hurry"], 1, HURRY);
    return await runServer(question, { name: "question", address, hurry, isDebugging: flags["d"] === true });
  }),
);
