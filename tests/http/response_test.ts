/** Error pages. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errorResponse, type KnownResponse } from "../../src/http/response.ts";
import { reasonPhrase, STATUSES } from "../../src/http/status.ts";

/** The statuses that come with a page. */
const ERRORS = STATUSES.filter((status) => status >= 300 && status !== 304);

function pageOf(response: KnownResponse): string {
  const [page] = response.content.pieces;
  assert(page instanceof Uint8Array, "a page is in memory");
  return new TextDecoder("utf-8", { fatal: true }).decode(page);
}

const PAGE_FIELDS = [["Content-Type", "text/html; charset=utf-8"]] as const;
const ERROR_FIELDS = [...PAGE_FIELDS, ["Cache-Control", "no-cache"]] as const;

Deno.test("errorResponse() has the given status and a page of HTML, and no cache keeps an error", () => {
  for (const status of ERRORS) {
    const response = errorResponse(status);
    assertEquals([response.status, response.fields], [status, [...status < 400 ? PAGE_FIELDS : ERROR_FIELDS]]);
  }
});

Deno.test("errorResponse() adds further fields after its own", () => {
  assertEquals(errorResponse(405, [["Allow", "GET"], ["X", "y"]]).fields, [
    ...ERROR_FIELDS,
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
