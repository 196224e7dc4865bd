/**
 * Responses as values: content in memory, and error pages.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bytesContent, errorResponse, NO_CONTENT, type Response } from "../../src/http/response.ts";
import { reasonPhrase, type Status } from "../../src/http/status.ts";

const ERRORS: readonly Status[] = [301, 400, 403, 404, 405, 408, 412, 413, 414, 416, 417, 431, 500, 501, 505];

function pageOf(response: Response): string {
  const [page] = response.content.pieces;
  assert(page instanceof Uint8Array, "a page is in memory");
  return new TextDecoder("utf-8", { fatal: true }).decode(page);
}

Deno.test("bytesContent() is its bytes as one piece, and their length", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const content = bytesContent(bytes);
  assertEquals([content.length, content.pieces.length], [3, 1]);
  assert(content.pieces[0] === bytes);
});

Deno.test("NO_CONTENT is without pieces and length", () => {
  assertEquals([NO_CONTENT.length, NO_CONTENT.pieces.length], [0, 0]);
});

Deno.test("bytesContent() and NO_CONTENT can be closed any number of times", () => {
  for (const content of [bytesContent(Uint8Array.of(1)), NO_CONTENT]) {
    content.close();
    content.close();
  }
});

Deno.test("errorResponse() has the given status and a page of HTML", () => {
  for (const status of ERRORS) {
    const response = errorResponse(status);
    assertEquals([response.status, response.fields], [status, [["Content-Type", "text/html; charset=utf-8"]]]);
  }
});

Deno.test("errorResponse() has the length of its page in bytes", () => {
  for (const status of ERRORS) {
    const response = errorResponse(status);
    assertEquals(response.content.length, new TextEncoder().encode(pageOf(response)).length);
  }
});

Deno.test("errorResponse() adds further fields after its own", () => {
  assertEquals(errorResponse(405, [["Allow", "GET"], ["X", "y"]]).fields, [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Allow", "GET"],
    ["X", "y"],
  ]);
});

Deno.test("errorResponse() names the status in its page", () => {
  for (const status of ERRORS) {
    const title = `${status} ${reasonPhrase(status)}`;
    const page = pageOf(errorResponse(status));
    assertStringIncludes(page, `<title>${title}</title>`);
    assertStringIncludes(page, `<h1>${title}</h1>`);
  }
});

Deno.test("errorResponse() explains every status in its page", () => {
  for (const status of ERRORS) {
    assert(/<p>[A-Z][^<]{20,}<\/p>/.test(pageOf(errorResponse(status))), `no words for ${status}`);
  }
});

Deno.test("errorResponse() has one page for each status", () => {
  const pages = ERRORS.map((status) => pageOf(errorResponse(status)));
  assertEquals(new Set(pages).size, ERRORS.length);
  assertEquals(ERRORS.map((status) => pageOf(errorResponse(status))), pages);
});

Deno.test("errorResponse() does not show its fields in its page", () => {
  const page = pageOf(errorResponse(301, [["Location", "/secret/"]]));
  assert(!page.includes("secret"));
});
