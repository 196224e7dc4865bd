/** Shared responses with other fields: made once, and only where the result can be shared. */

import { assertEquals } from "@std/assert";
import {
  alter,
  bytesContent,
  type KnownResponse,
  NO_CONTENT,
  partOf,
  type Response,
  share,
} from "../../src/http/response.ts";
import { Alterations } from "../../src/site/alterations.ts";

const PLAIN: KnownResponse = { status: 200, fields: [["A", "1"]], content: bytesContent(new Uint8Array(3)) };

/** Responses that are made of `response` for two requests. */
function alteredTwice(response: Response): Response[] {
  const alterations = new Alterations();
  const change = (before: Response) => alter(before, { fields: [...before.fields, ["B", "2"]] });
  const altered = [alterations.of(response, change), alterations.of(response, change)];
  for (const { fields, content } of altered) {
    assertEquals([fields, content === response.content], [[["A", "1"], ["B", "2"]], true]);
  }
  return altered;
}

Deno.test("Alterations.of() changes a shared response once, and the result is shared", () => {
  const response = share(PLAIN);
  const [one, two] = alteredTwice(response);
  assertEquals([one === two, one!.encoded !== undefined, one!.encoded === response.encoded], [true, true, false]);
});

Deno.test("Alterations.of() changes every other response each time, and does not share it", () => {
  const chunks = (async function* () {})();
  const responses: Response[] = [
    PLAIN,
    partOf(share({ ...PLAIN, content: NO_CONTENT }), { first: 0, last: 2, completeLength: 9 }, PLAIN.content),
    {
      ...PLAIN,
      content: { kind: "streamed", chunks, close: () => {} },
      encoded: share(PLAIN).encoded!,
    },
  ];
  for (const response of responses) {
    const [one, two] = alteredTwice(response);
    assertEquals([one === two, one!.encoded, one!.contentRange], [false, undefined, response.contentRange]);
  }
});
