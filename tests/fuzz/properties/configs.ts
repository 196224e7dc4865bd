/**
 * Texts of web.conf made of meaningful words. Parsing never throws, every diagnostic has a position, and the output of
 * `check` parses to the same configuration.
 */

import fc from "../../fast_check.ts";
import { PARAMETER_NAMES } from "../../../src/config/parameters.ts";
import { SETTING_NAMES } from "../../../src/config/settings.ts";
import { checkConfig } from "../mutants/configs.ts";
import { property } from "../property.ts";
import { anyText } from "./texts.ts";

const words = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("default", "localhost", "A.example.", "a..", "[::1]", "www", ".", "../..", "/srv/my"),
  },
  { weight: 3, arbitrary: fc.constantFrom("html", ".md", "c++", "..", '."x', "text/plain", 'text/x;a="b"', "image/*") },
  {
    weight: 3,
    arbitrary: fc.constantFrom("0", "5", "0.0000001", "1e3", ".5", "5.", "86400", "86401", "::", "auto", "json", "-1"),
  },
  { weight: 3, arbitrary: fc.constantFrom(...PARAMETER_NAMES) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "none",
      "on",
      "off",
      "404",
      "4xx",
      "301",
      "410",
      "-",
      "/",
      "/a",
      "/a/$1",
      "/b?$1",
      "//a",
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "*",
      "/**",
      "/a/*",
      "*.{a,b}",
      "/*/$2",
      "https://a/$1",
      "X-A",
      "ETag",
      "",
      "immutable",
      "0/0",
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme" }) },
  { weight: 2, arbitrary: fc.string({ unit: fc.constantFrom(...'ab"# \t.:/\\[]@\x1b\x7f\u2028\u0085é') }) },
);
const written = fc.oneof(
  { weight: 4, arbitrary: words },
  { weight: 2, arbitrary: words.map((word) => `"${word}"`) },
  { weight: 1, arbitrary: words.map((word) => `#${word}`) },
);
const directives = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("host", "media", "parameter", "HOST", "Parameter") },
  { weight: 9, arbitrary: fc.constantFrom(...SETTING_NAMES) },
  { weight: 1, arbitrary: written },
);
const blanks = fc.constantFrom(" ", " ", "\t", "   ");
const configLines = fc.tuple(directives, fc.array(fc.tuple(blanks, written), { maxLength: 4 }))
  .map(([directive, words]) => directive + words.map(([blank, word]) => blank + word).join(""));

export const configTexts = property({
  name: "config-texts",
  runsInTests: 500,
  values: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.array(configLines, { maxLength: 6 }), fc.constantFrom("\n", "\r\n", "\r", "\n\n"))
        .map(([lines, end]) => lines.join(end)),
    },
    { weight: 1, arbitrary: anyText },
  ),
  check: checkConfig,
});
