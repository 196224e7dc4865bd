/** Content codings: what values of Accept-Encoding accept, compared with a slow reference. */

import { assertEquals } from "@std/assert";
import { acceptanceOf, CODINGS } from "../../src/http/semantics/coding.ts";
import { preferred, VALUES } from "./codings.ts";

for (
  const [value, codings, isIdentityAccepted] of [
    ["", [], true],
    ["identity", [], true],
    ["gzip", ["gzip"], true],
    ["GZip", ["gzip"], true],
    ["x-gzip", ["gzip"], true],
    ["gzip, deflate", ["gzip"], true],
    ["gzip, deflate, br", ["br", "gzip"], true],
    ["gzip, deflate, br, zstd", ["br", "zstd", "gzip"], true],
    ["gzip;q=1.0, br;q=0.5", ["gzip", "br"], true],
    ["gzip;q=0.5, br;q=0.5, zstd;q=0.6", ["zstd", "br", "gzip"], true],
    ["*", ["br", "zstd", "gzip"], true],
    ["*;q=0.1, br;q=0", ["zstd", "gzip"], true],
    ["*;q=0", [], false],
    ["*;q=0, gzip", ["gzip"], false],
    ["*;q=0, identity", [], true],
    ["identity;q=0", [], false],
    ["identity;q=0, gzip;q=0.001", ["gzip"], false],
    ["identity;q=0.5, gzip;q=0.5", ["gzip"], true],
    ["identity;q=0.5, gzip;q=0.4", [], true],
    ["identity;q=0.5, gzip;q=0.4, br", ["br"], true],
    ["*;q=0.5, gzip;q=0.4", ["br", "zstd"], true], // Identity has the weight of the asterisk.
    ["gzip;q=0, gzip", ["gzip"], true],
    ["gzip;q=0", [], true],
    ["gzip ;\tq=0.5", ["gzip"], true],
    ["gzip;Q=0.5", ["gzip"], true],
    ["gzip; q=0.5 , ,, br ;q=1", ["br", "gzip"], true],
    ["gzip;q=2, br;q=x, zstd;q=", [], true],
    ["gzip;q=0.1234", [], true],
    ["gzip;q=1.001", [], true],
    ["gzip;level=9", [], true],
    ["gzip br", [], true],
    ["identity;q=x", [], true],
    ["compress, deflate", [], true],
    ["brotli, gz", [], true],
    [",", [], true],
  ] as const
) {
  Deno.test(`Accept-Encoding: ${value || "(empty)"} accepts ${codings.join(", ") || "no coding"}`, () => {
    assertEquals(acceptanceOf(value), { codings: [...codings], isIdentityAccepted });
  });
}

Deno.test("acceptanceOf() agrees with the reference for 200 values and each set of forms", () => {
  assertEquals(VALUES.length >= 200, true);
  for (const value of VALUES) {
    for (let set = 0; set < 8; set++) {
      const forms = CODINGS.filter((_, index) => (set & 1 << index) !== 0);
      const { codings, isIdentityAccepted } = acceptanceOf(value);
      const first = codings.find((coding) => forms.includes(coding));
      const actual = first ?? (isIdentityAccepted ? "identity" : "406");
      assertEquals(actual, preferred(value, forms), `"${value}" of ${forms.join(", ")}`);
    }
  }
});

Deno.test("acceptanceOf() reads a value of 8 KiB in one pass", () => {
  assertEquals(acceptanceOf("br;q=0.1,".repeat(900) + "gzip").codings, ["gzip", "br"]);
  assertEquals(acceptanceOf(";".repeat(8000)).codings, []);
  assertEquals(acceptanceOf("gzip;" + " ".repeat(8000) + "x").codings, []);
});
