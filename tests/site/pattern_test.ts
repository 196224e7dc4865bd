/** Patterns over paths: what each wildcard matches and gives, what is refused, and that matching takes no exponential time. */

import { assert, assertEquals } from "@std/assert";
import fc from "../fast_check.ts";
import { compilePattern, matchesAll, type Pattern } from "../../src/site/pattern.ts";

function pattern(text: string): Pattern {
  const compiled = compilePattern(text);
  assert(typeof compiled !== "string", String(compiled));
  return compiled;
}

for (
  const [text, matching, others] of [
    ["/a", ["/a"], ["/", "/a/", "/ab", "/b/a", "/A"]],
    ["/a/*", ["/a/b", "/a/"], ["/a", "/a/b/", "/a/b/c"]],
    ["/a/**", ["/a/", "/a/b", "/a/b/c", "/a/b/"], ["/a", "/ab", "/b/a/"]],
    ["/**", ["/", "/a", "/a/b/"], []],
    ["/a/**/b", ["/a/b", "/a/x/b", "/a/x/y/b"], ["/a/xb", "/ab", "/a/b/", "/a/bb"]],
    ["/**/b", ["/b", "/a/b"], ["/ab", "/b/"]],
    ["**/b", ["/b", "/a/b"], ["/ab", "/b/"]],
    ["*.html", ["/a.html", "/a/b.html", "/.html"], ["/a.html/b", "/a.htm"]],
    ["**.html", ["/a.html", "/a/b.html"], ["/a.html/b"]],
    ["*", ["/", "/a", "/a/b", "/a/b/"], []],
    ["a", ["/a", "/x/a", "/x/a/"], ["/ab", "/a/b"]],
    ["*.{js,css}", ["/x/a.js", "/a.css"], ["/a.jss", "/a.", "/a.{js,css}"]],
    ["/{a,b/c}/x", ["/a/x", "/b/c/x"], ["/b/x", "/c/x"]],
    ["/docs{,/}", ["/docs", "/docs/"], ["/docs/a"]],
    ["/a*b*c", ["/abc", "/axbxc", "/abcbc"], ["/a/bc", "/abcd", "/acb"]],
    ["/a.b", ["/a.b"], ["/axb"]],
    ["/(a|b)+", ["/(a|b)+"], ["/a"]],
    ["/ä*/日本", ["/äö/日本"], ["/a/日本"]],
  ] as const
) {
  Deno.test(`the pattern ${text} matches what it says`, () => {
    const { matches } = { matches: (path: string) => pattern(text).matches(path) };
    assertEquals(matching.filter((path) => !matches(path)), []);
    assertEquals((others as readonly string[]).filter((path) => matches(path)), []);
  });
}

for (
  const [text, path, captures] of [
    ["/old/**", "/old/a/b", ["a/b"]],
    ["/old/**", "/old/", [""]],
    ["/*/x/*", "/a/x/b", ["a", "b"]],
    ["/*-*", "/a-b-c", ["a-b", "c"]],
    ["/a/**/b/*", "/a/b/c", ["", "c"]],
    ["/a/**/b/*", "/a/x/y/b/c", ["x/y", "c"]],
    ["/**/b/**", "/a/b/b/c", ["a/b", "c"]],
    ["*.{php,asp*}", "/d/x.aspx", ["x", "x"]],
    ["*.{php,asp*}", "/d/x.php", ["x", ""]],
    ["/{a*,b}/*", "/b/c", ["", "c"]],
  ] as const
) {
  Deno.test(`the wildcards of ${text} take ${JSON.stringify(captures)} of ${path}`, () => {
    assertEquals(pattern(text).captures(path), [...captures]);
  });
}

for (
  const [text, reason] of [
    ["", /empty/],
    ["a".repeat(257), /256 characters/],
    ["/a?b", /"\?" is not a wildcard/],
    ["/[ab]", /"\[" is not a wildcard/],
    ["/a\\b", /is not a wildcard/],
    ["/a%20b", /decoded/],
    ["a/b", /must begin with one/],
    ["{a,/b}/c", /must begin with one/],
    ["/***", /three stars/],
    ["/a//b", /can match no path/],
    ["/a/../b", /can match no path/],
    ["/a/.", /can match no path/],
    ["/{a", /unmatched or a nested brace/],
    ["/a}", /unmatched or a nested brace/],
    ["/{a,{b,c}}", /nested brace/],
    ["/{a}", /only one text/],
    ["/*/*/*/*/*/*/*/*/*/*", /more than 9 wildcards/],
    ["/{a,b}{a,b}{a,b}{a,b}{a,b}", /stands for 32 texts/],
    ["/*/*/*/*/*/{a,b,c,d,e,f,g}", /too many wildcards together with so many alternatives/],
  ] as const
) {
  Deno.test(`compilePattern() refuses ${JSON.stringify(text.slice(0, 40))} in words`, () => {
    const refused = compilePattern(text);
    assert(typeof refused === "string" && reason.test(refused), String(refused));
  });
}

Deno.test("matchesAll() is true for patterns that match every path", () => {
  for (const text of ["*", "**", "/**", "**/**", "/**/**"]) {
    assertEquals([matchesAll(text), pattern(text).matchesAll], [true, true], text);
    for (const path of ["/", "/a", "/a/", "/a/b.c"]) assert(pattern(text).matches(path), `${text} ${path}`);
  }
  for (const text of ["/*", "*.*", "/**/", "/a/**", "*a"]) assertEquals(matchesAll(text), false, text);
});

/** The same as a regular expression, which may take its time. */
function reference(text: string): RegExp {
  const source = text.replace(/[.+^$()|]/g, "\\$&")
    .replace(/\*\*|\*|\{|\}|,/g, (each) => ({ "**": "(.*)", "*": "([^/]*)", "{": "(?:", "}": ")", ",": "|" })[each]!);
  return new RegExp(`^${source}$`, "s");
}

Deno.test("patterns match what a regular expression matches, and take the same of it", () => {
  const part = fc.constantFrom("a", "b", "/", "*", "**", "a", "{a,b/}", "{ab,a*}");
  const text = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join("")}`)
    // An empty folder in between is one slash, which the expression does not know; an alternative may bring the first one.
    .filter((each) => typeof compilePattern(each) !== "string" && !each.replace(/[{}]/g, "").includes("/**/"));
  const path = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 9 }).map((parts) => `/${parts.join("")}`);
  fc.assert(
    fc.property(text, path, (text, path) => {
      const expected = reference(text).exec(path)?.slice(1).map((each) => each ?? "") ?? null;
      assertEquals(pattern(text).matches(path), expected !== null);
      // Of several alternatives that match, the expression takes another one.
      if (!text.includes("{")) assertEquals(pattern(text).captures(path), expected);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("a thousand hostile patterns and paths take no exponential time", () => {
  const part = fc.constantFrom("*", "**", "*a", "**/a", "{a,aa}", "/*", "a*", "/**/", "{*a,aa,*}");
  const text = fc.array(part, { minLength: 4, maxLength: 40 })
    .map((parts) => `/${parts.join("").replace(/\*{3,}/g, "**").replace(/\/{2,}/g, "/")}`)
    .filter((each) => typeof compilePattern(each) !== "string");
  const path = fc.tuple(fc.constantFrom("a", "a/", "aa/a", "/a", "aab"), fc.constantFrom("", "b", "/", "/b"))
    .map(([unit, end]) => `/${unit.repeat(8000 / unit.length)}${end}`);
  // A backtracking matcher would not end in the life of this machine.
  fc.assert(fc.property(text, path, (text, path) => void pattern(text).captures(path)), { numRuns: 1000 });
});
