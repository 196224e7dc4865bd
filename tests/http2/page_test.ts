/**
 * The page docs/http2.md: the server answers the bytes of the client with the bytes of the server.
 */

import { assertEquals } from "@std/assert";
import { PROJECT } from "../process.ts";
import { bytesContent, type Response } from "../../src/http/response.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { converse } from "../http/conversation.ts";
import { toHex } from "./octets.ts";
import { talkRaw } from "./talking.ts";

const PAGE = await Deno.readTextFile(`${PROJECT}/docs/http2.md`);

/** Octets at the beginning of a line, before the explanation. */
const OCTETS = /^((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2,}|$)/;

/** The octets of all blocks of one side. */
function octetsOf(side: "client" | "server"): string {
  const blocks = [...PAGE.matchAll(new RegExp(`^\`\`\`${side}\\n(.*?)^\`\`\``, "gms"))];
  const lines = blocks.flatMap(([, block = ""]) => block.trimEnd().split("\n"));
  return lines.map((line) => OCTETS.exec(line)?.[1]?.replaceAll(" ", "") ?? `no octets: ${line}`).join("");
}

/** A block of text of the page that begins with `first`, with the line ends of HTTP. */
function textFrom(first: string): string {
  const [, block = ""] = new RegExp(`^\`\`\`\\n(${first}.*?)^\`\`\``, "ms").exec(PAGE) ?? [];
  return block;
}

const answer = (): Response => ({
  status: 200,
  fields: [["Content-Type", "text/plain; charset=utf-8"], ["Cache-Control", "no-cache"]],
  content: bytesContent(latin1Bytes("hello\n")),
});

Deno.test("docs/http2.md has the bytes of the server's answer in HTTP/2", async () => {
  const client = octetsOf("client");
  const bytes = Uint8Array.from(
    { length: client.length / 2 },
    (_, at) => parseInt(client.slice(2 * at, 2 * at + 2), 16),
  );
  const { socket } = await talkRaw([bytes], { handler: answer, serverName: "sweepd" });
  assertEquals(octetsOf("server"), toHex(latin1Bytes(socket.written)));
});

Deno.test("docs/http2.md has the text of the server's answer in HTTP/1.1", async () => {
  const request = `${textFrom("GET ").trimEnd().replaceAll("\n", "\r\n")}\r\n\r\n`; // The formatter drops empty lines.
  const { socket } = await converse([request], { handler: answer, serverName: "sweepd" });
  assertEquals([request.length, PAGE.includes(`The request is ${request.length} bytes of text.`)], [46, true]);
  const [head = "", content] = textFrom("HTTP/1.1 ").split(/(?<=\n\n)/);
  assertEquals(socket.written, head.replaceAll("\n", "\r\n") + content);
});
