/**
 * Requests of HTTP/2 in the access log.
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { talk } from "./talking.ts";
import { get, settings, windowUpdate } from "./wire.ts";

Deno.test("a refused request is logged with its request line, also if its answer has waited for a window", async () => {
  const requests = concat([settings([4, 0]), get(1, "/refused", `x: ${"y".repeat(9000)}`), get(3, "/another-one")]);
  const { logged, answers } = await talk([requests, concat([windowUpdate(1, 5000), windowUpdate(3, 5000)])]);
  assertEquals(answers.get(1)?.status, 431);
  assertEquals(logged.map(({ request, status }) => [request, status]), [
    ["GET /refused HTTP/2.0", 431],
    ["GET /another-one HTTP/2.0", 200],
  ]);
});
