/**
 * Responses as values: content in memory, and the pages that go with an error.
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

Deno.test("errorResponse() has the status that it was asked for, and a page of HTML", () => {
  for (const status of ERRORS) {
    const response = errorResponse(status);
    assertEquals([response.status, response.fields], [status, [["Content-Type", "text/html; charset=utf-8"]]]);
  }
});

Deno.test("errorResponse() gives the length of its page in bytes", () => {
  for (const status of ERRORS) {
    const response = errorResponse(status);
    assertEquals(response.content.length, new TextEncoder().encode(pageOf(response)).length);
  }
});

Deno.test("errorResponse() puts further fields behind its own", () => {
  assertEquals(errorResponse(405, [["Allow", "GET"], ["X", "y"]]).fields, [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Allow", "GET"],
    ["X", "y"],
  ]);
});

Deno.test("errorResponse() says in its page what the status is", () => {
  for (const status of ERRORS) {
    const title = `${status} ${reasonPhrase(status)}`;
    const page = pageOf(errorResponse(status));
    assertStringIncludes(page, `<title>${title}</title>`);
    assertStringIncludes(page, `<h1>${title}</h1>`);
  }
});

Deno.test("errorResponse() explains every status in words", () => {
  for (const status of ERRORS) {
    assert(/<p>[A-Z][^<]{20,}<\/p>/.test(pageOf(errorResponse(status))), `no words for ${status}`);
  }
});

Deno.test("errorResponse() gives another page for each status, and the same one again", () => {
  const pages = ERRORS.map((status) => pageOf(errorResponse(status)));
  assertEquals(new Set(pages).size, ERRORS.length);
  assertEquals(ERRORS.map((status) => pageOf(errorResponse(status))), pages);
});

Deno.test("errorResponse() says nothing in its page of the fields that go with it", () => {
  const page = pageOf(errorResponse(301, [["Location", "/secret/"]]));
  assert(!page.includes("secret"));
});
