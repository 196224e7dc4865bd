/**
 * Sends exactly what is typed, and shows every byte of the conversation. For the exercises of the course, on every
 * platform. Enter sends CR LF.
 * @module
 */

import { chunks } from "../src/mod.ts";
import { readArguments, runProgram } from "./arguments.ts";
import { pause, type Peer, readAddress, withPeer } from "./peer.ts";
import { readTyped } from "./typed.ts";

const USAGE = `usage: talk HOST:PORT [--lf | --none]   (Enter sends CR LF, LF, or nothing)`;

const HELP = `Enter sends the line and CR LF. A \\ at the end of a line: without CR LF, so more can follow later.
\\r \\n \\t \\xHH \\\\ are bytes. \\wait SECONDS waits. \\end closes this side. Ctrl-C ends the program.`;

Deno.exit(
  await runProgram(USAGE, async () => {
    const { words, flags } = readArguments(Deno.args, { boolean: ["lf", "none"] });
    const lineEnd = flags["none"] === true ? "" : flags["lf"] === true ? "\n" : "\r\n";
    return await withPeer(readAddress(words), (peer) => converse(peer, lineEnd));
  }),
);

/** Sends the lines of standard input. After its end, waits for the server to close. */
async function converse(peer: Peer, lineEnd: string): Promise<void> {
  if (Deno.stdin.isTerminal()) console.log(HELP);
  const listening = peer.listen();
  const typing = sendLines(peer, lineEnd);
  await Promise.race([listening, typing]);
  if (!peer.isOver) await listening;
}

async function sendLines(peer: Peer, lineEnd: string): Promise<void> {
  for await (const line of lines()) {
    if (peer.isOver) return;
    await obey(peer, line, lineEnd);
  }
}

async function obey(peer: Peer, line: string, lineEnd: string): Promise<void> {
  const typed = readTyped(line, lineEnd);
  switch (typed.kind) {
    case "bytes":
      return await peer.send(typed.bytes);
    case "wait":
      return await pause(typed.seconds, () => peer.isOver);
    case "end":
      await peer.socket.closeWrite();
      return peer.say("== this side is closed");
    case "help":
      return console.log(HELP);
    case "mistake":
      return console.log(`nothing was sent: ${typed.message}`);
  }
}

/** Lines of standard input, without their ends. */
async function* lines(): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks(Deno.stdin)) {
    const complete = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = complete.pop()!;
    yield* complete;
  }
  if (rest !== "") yield rest;
}
