/**
 * A question client: asks for the three aphorisms in random order and prints the answers. With `-e` it sends a question
 * without its `?` and closes the connection, to show how the server handles that.
 * @module
 */

import { chunks, connect, ConnectError, explainError, type Socket, writeAll } from "../../src/mod.ts";
import { portNumber, readArguments, runProgram, UsageError } from "../arguments.ts";
import { APHORISMS, QUESTION_PORT } from "./question.ts";

const USAGE = "usage: question_client HOST [-p PORT] [-e]   (port 1060; -e: send half a question and leave)";

/** The real answers are much shorter, so a longer one does not come from a question server. */
const ANSWER_BYTES_MAX = 1024;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { string: ["p"], boolean: ["e"] });
    const [hostname, ...rest] = words;
    if (!hostname || rest.length > 0) throw new UsageError("one host is needed");
    const address = { hostname, port: portNumber(flags["p"], QUESTION_PORT, 1) };
    try {
      const socket = await connect(address);
      try {
        await (flags["e"] === true ? provoke(socket) : askAll(socket));
        return 0;
      } finally {
        socket.close();
      }
    } catch (error) {
      console.error(error instanceof ConnectError ? error.message : `the connection failed: ${explainError(error)}`);
      return 1;
    }
  }),
);

async function provoke(socket: Socket): Promise<void> {
  const [question = ""] = Object.keys(APHORISMS);
  await send(socket, question.slice(0, -1));
}

async function askAll(socket: Socket): Promise<void> {
  for (const question of shuffled(Object.keys(APHORISMS))) {
    await send(socket, question);
    console.log(question, await receiveAnswer(socket));
  }
}

async function send(socket: Socket, text: string): Promise<void> {
  await writeAll(socket, new TextEncoder().encode(text));
}

/** Reads until the full stop, because an answer may arrive in several reads. The client has asked one question only. */
async function receiveAnswer(socket: Socket): Promise<string> {
  let answer = "";
  for await (const chunk of chunks(socket, ANSWER_BYTES_MAX)) {
    answer += new TextDecoder().decode(chunk);
    if (answer.endsWith(".")) return answer;
    if (answer.length > ANSWER_BYTES_MAX) {
      throw new Error(`the answer does not end: ${JSON.stringify(answer.slice(0, 60))}`);
    }
  }
  throw new Error(`the server ended the connection in the middle of an answer: ${JSON.stringify(answer)}`);
}

function shuffled<T>(items: readonly T[]): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
