/** Content-Security-Policy with live reload: it permits the script, and nothing else that it did not permit. */

import { assertEquals } from "@std/assert";
import { permitLive } from "../../src/live/policy.ts";

const [JS, EVENTS] = ["a.example:80/.sweepd/live.js", "a.example:80/.sweepd/events"];

for (
  const [what, policy, expected] of [
    ["without directives for scripts is as it was", "img-src 'self'", "img-src 'self'"],
    ["that permits nothing", "default-src 'none'", `default-src 'none'; script-src ${JS}; connect-src ${EVENTS}`],
    [
      "with sources of scripts",
      "default-src 'none'; script-src 'sha256-x='",
      `default-src 'none'; script-src 'sha256-x=' ${JS}; connect-src ${EVENTS}`,
    ],
    ["with 'none' for scripts", "script-src 'NONE'; connect-src 'none'", `script-src ${JS}; connect-src ${EVENTS}`],
    ["with elements apart", "script-src x; script-src-elem y", `script-src x; script-src-elem y ${JS}`],
    [
      "with another default",
      "Default-Src b.example;",
      `Default-Src b.example; script-src b.example ${JS}; connect-src b.example ${EVENTS}`,
    ],
    ["of two parts", "script-src x, script-src y", `script-src x ${JS}, script-src y ${JS}`],
  ] as const
) {
  Deno.test(`permitLive() extends a policy ${what}`, () => {
    assertEquals(permitLive(policy, "a.example:80"), expected);
  });
}
