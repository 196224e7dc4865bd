/** `configure()` of `http()`: which requests use the previous handler and options, and which use the new ones. */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { http, type HttpProtocol } from "../../src/http/h1/conversation.ts";
import type { Handler } from "../../src/http/handler.ts";
import { bytesContent, share } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Connection } from "../../src/net/connection.ts";
import { MemorySocket, type Step } from "../memory_socket.ts";
import { readAnswers, request, StoppedClock, text, TRANSPORT } from "./conversation.ts";

const ONE = request("GET /1");
const TWO = request("GET /2");

/** Options with a handler that answers with its name, which is also the server's name. */
function configuration(name: string): [Handler, { readonly clock: StoppedClock; readonly serverName: string }] {
  return [() => text(name), { clock: new StoppedClock(), serverName: name }];
}

/** The names in the Server field and in the content of each answer. */
async function answersTo(protocol: HttpProtocol, script: readonly Step[]): Promise<(string | null)[][]> {
  const socket = new MemorySocket(script);
  const connection = new Connection(1, socket, { ...TRANSPORT, clock: new StoppedClock() });
  await connection.run(protocol);
  connection.close("done");
  return readAnswers(concat(socket.writes)).map(({ field, content }) => [field("server"), content]);
}

Deno.test("configure() applies to a request whose head is completed later", async () => {
  const protocol = http(...configuration("old"));
  const configure = () => protocol.configure(...configuration("new"));
  const script = [ONE, TWO.slice(0, 10), configure, TWO.slice(10)];
  assertEquals(await answersTo(protocol, script), [["old", "old"], ["new", "new"]]);
});

Deno.test("configure() does not apply to a request that has begun, but to those that are pipelined after it", async () => {
  const [, options] = configuration("old");
  const protocol: HttpProtocol = http(async () => {
    protocol.configure(...configuration("new"));
    await Promise.resolve();
    return text("old");
  }, options);
  assertEquals(await answersTo(protocol, [ONE + TWO + TWO]), [["old", "old"], ["new", "new"], ["new", "new"]]);
});

Deno.test("configure() changes the name in shared responses that were encoded with the old one", async () => {
  const bytes = latin1Bytes("shared");
  const shared = share({ status: 200, fields: [], content: bytesContent(bytes) });
  const [, options] = configuration("old");
  const protocol = http(() => shared, options);
  const configure = () => protocol.configure(() => shared, configuration("a longer new name")[1]);
  const answers = await answersTo(protocol, [ONE + ONE, configure, ONE + ONE]);
  assertEquals(answers.map(([name, content]) => `${name}: ${content}`), [
    "old: shared",
    "old: shared",
    "a longer new name: shared",
    "a longer new name: shared",
  ]);
});

Deno.test("configure() changes the time for which a connection is kept, in shared responses as well", async () => {
  const shared = share({ status: 200, fields: [], content: bytesContent(latin1Bytes("shared")) });
  const clock = new StoppedClock();
  const protocol = http(() => shared, { clock, idleMs: 5000 });
  const configure = (idleMs: number) => () => protocol.configure(() => shared, { clock, idleMs });
  const socket = new MemorySocket([ONE, configure(10_000), ONE, configure(Infinity), ONE]);
  const connection = new Connection(1, socket, { ...TRANSPORT, clock });
  await connection.run(protocol);
  connection.close("done");
  const times = readAnswers(concat(socket.writes)).map(({ field }) => field("keep-alive"));
  assertEquals(times, ["timeout=4", "timeout=9", null]);
});

Deno.test("configure() forgets what the handler before has remembered for a target", async () => {
  const remembering: Handler = ({ route }) => {
    const { found } = route;
    route.found = {};
    return text(found === null ? "new" : "known");
  };
  const [, options] = configuration("test");
  const protocol = http(remembering, options);
  const answers = await answersTo(protocol, [ONE + ONE, () => protocol.configure(remembering, options), ONE + ONE]);
  assertEquals(answers.map(([, content]) => content), ["new", "known", "new", "known"]);
});
