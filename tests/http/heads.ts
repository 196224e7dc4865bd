/**
 * Request heads for tests, parsed from text by the real parser.
 * @module
 */

import { assertEquals } from "@std/assert";
import { parseHead, RequestHead } from "../../src/http/h1/head.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { Accumulator } from "../../src/net/accumulator.ts";
import { receive } from "../feed.ts";

/** A head with this request line and these field lines. */
export function headOf(fieldLines: readonly string[], requestLine = "GET / HTTP/1.1"): RequestHead {
  const input = new Accumulator({ minBytes: 64, maxBytes: 64 * 1024 });
  receive(input, latin1Bytes([requestLine, ...fieldLines, "", ""].join("\r\n")));
  const head = new RequestHead();
  assertEquals(parseHead(input, head), "complete");
  return head;
}
