/**
 * Preconditions (RFC 9110, section 13): each field alone, their order, and the comparison of validators.
 */

import { assert, assertEquals } from "@std/assert";
import {
  evaluate,
  isRangeFree,
  namesValidator,
  rangeApplies,
  type Validator,
} from "../../src/http/semantics/conditional.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { headOf } from "./heads.ts";

const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const EXACT = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
const MODIFIED_MS = 784_111_777_000;
const VALIDATOR: Validator = { etag: '"a,b"', modifiedMs: MODIFIED_MS };
const NOW = Date.UTC(2026, 0, 15);

type Outcome = ReturnType<typeof evaluate>;

function outcomeOf(...fieldLines: string[]): Outcome {
  return evaluate(headOf(fieldLines), VALIDATOR, NOW);
}

/** Checks the outcome for each value of a field. */
function assertOutcomes(name: string, cases: readonly (readonly [value: string, expected: Outcome])[]): void {
  for (const [value, expected] of cases) assertEquals(outcomeOf(`${name}: ${value}`), expected, `${name}: ${value}`);
}

Deno.test("evaluate() passes without preconditions", () => {
  assertEquals(outcomeOf("Host: a", "Range: bytes=0-1"), "pass");
});

Deno.test("evaluate() passes If-Match if it lists the current tag, otherwise fails (13.1.1)", () => {
  assertOutcomes("If-Match", [
    ['"a,b"', "pass"],
    ['"x", "a,b"', "pass"],
    ['"x","a,b","y"', "pass"],
    [', ,"x" ,\t"a,b",,', "pass"],
    ['"x"', "failed"],
    ['"x", "y"', "failed"],
    ['"a"', "failed"],
    ['""', "failed"],
    ["", "failed"],
  ]);
});

Deno.test("evaluate() passes If-Match: * for every representation", () => {
  assertOutcomes("If-Match", [["*", "pass"]]);
});

Deno.test("evaluate() compares If-Match strongly: weak tags match nothing (8.8.3.2)", () => {
  assertOutcomes("If-Match", [['W/"a,b"', "failed"], ['W/"a,b", "x"', "failed"], ['W/"a,b", "a,b"', "pass"]]);
});

Deno.test("evaluate() compares tags including letter case and quotes", () => {
  assertOutcomes("If-Match", [['"A,B"', "failed"], ["a,b", "failed"], ["'a,b'", "failed"], ['"a,b', "failed"], [
    '"a,b "',
    "failed",
  ]]);
});

Deno.test("evaluate() treats a comma within a tag as part of the tag", () => {
  assertOutcomes("If-Match", [['"x,"a,b"', "failed"], ['"a", "b"', "failed"], ['"x,y", "a,b"', "pass"]]);
});

Deno.test("evaluate() reads tags of If-Match and If-None-Match from all lines", () => {
  assertEquals(outcomeOf('If-Match: "x"', 'If-Match: "a,b"'), "pass");
  assertEquals(outcomeOf('If-None-Match: "x"', 'If-None-Match: "a,b"'), "not modified");
});

Deno.test("evaluate() passes If-Unmodified-Since from the last modification on, otherwise fails (13.1.4)", () => {
  assertOutcomes("If-Unmodified-Since", [[EARLIER, "failed"], [EXACT, "pass"], [LATER, "pass"]]);
});

Deno.test("evaluate() ignores an If-Unmodified-Since that is not a single date (13.1.4)", () => {
  assertOutcomes("If-Unmodified-Since", [["yesterday", "pass"], ["", "pass"], [`${EARLIER}, ${EARLIER}`, "pass"]]);
  assertEquals(outcomeOf(`If-Unmodified-Since: ${EARLIER}`, `If-Unmodified-Since: ${EARLIER}`), "pass");
});

Deno.test("evaluate() ignores If-Unmodified-Since if there is If-Match (13.2.2)", () => {
  assertEquals(outcomeOf('If-Match: "a,b"', `If-Unmodified-Since: ${EARLIER}`), "pass");
  assertEquals(outcomeOf('If-Match: "x"', `If-Unmodified-Since: ${LATER}`), "failed");
});

Deno.test("evaluate() returns not modified if If-None-Match lists the current tag, otherwise passes (13.1.2)", () => {
  assertOutcomes("If-None-Match", [
    ['"a,b"', "not modified"],
    ['"x", "a,b"', "not modified"],
    ["*", "not modified"],
    ['"x"', "pass"],
    ['"a"', "pass"],
    ["a,b", "pass"],
    ["", "pass"],
  ]);
});

Deno.test("evaluate() compares If-None-Match weakly (8.8.3.2)", () => {
  assertOutcomes("If-None-Match", [
    ['W/"a,b"', "not modified"],
    ['"x", W/"a,b"', "not modified"],
    ['W/"x"', "pass"],
    ['w/"a,b"', "pass"],
    ['W/ "a,b"', "pass"],
  ]);
});

Deno.test("evaluate() does not search for tags after a malformed one", () => {
  assertOutcomes("If-None-Match", [['"x" "a,b"', "pass"], ['x, "a,b"', "pass"], ['"x"; "a,b"', "pass"]]);
});

Deno.test("evaluate() accepts tags with obs-text, and empty ones", () => {
  const validator = { ...VALIDATOR, etag: '"\xe9"' };
  assertEquals(evaluate(headOf(['If-None-Match: "", "\xe9"']), validator, NOW), "not modified");
});

Deno.test("evaluate() returns not modified for If-Modified-Since from the last modification on (13.1.3)", () => {
  assertOutcomes("If-Modified-Since", [[EARLIER, "pass"], [EXACT, "not modified"], [LATER, "not modified"]]);
});

Deno.test("evaluate() ignores an If-Modified-Since that is not a single date (13.1.3)", () => {
  assertOutcomes("If-Modified-Since", [["tomorrow", "pass"], ["", "pass"], [`${LATER}, ${LATER}`, "pass"], [
    `${LATER}; length=5`,
    "pass",
  ]]);
  assertEquals(outcomeOf(`If-Modified-Since: ${LATER}`, `If-Modified-Since: ${LATER}`), "pass");
});

Deno.test("evaluate() ignores If-Modified-Since if there is If-None-Match (13.1.3)", () => {
  assertEquals(outcomeOf('If-None-Match: "x"', `If-Modified-Since: ${LATER}`), "pass");
  assertEquals(outcomeOf('If-None-Match: "a,b"', `If-Modified-Since: ${EARLIER}`), "not modified");
});

Deno.test("evaluate() accepts the obsolete forms of dates", () => {
  assertOutcomes("If-Modified-Since", [
    ["Sunday, 06-Nov-94 08:49:37 GMT", "not modified"],
    ["Sun Nov  6 08:49:37 1994", "not modified"],
    ["Sun Nov  6 08:49:36 1994", "pass"],
  ]);
});

Deno.test("evaluate() interprets two-digit years by the given clock", () => {
  const head = headOf(["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"]);
  assertEquals(evaluate(head, { etag: '"x"', modifiedMs: Date.UTC(2050, 0, 1) }, Date.UTC(2080, 0, 1)), "not modified");
});

Deno.test("evaluate() checks If-Match before If-None-Match (13.2.2)", () => {
  assertEquals(outcomeOf('If-Match: "x"', 'If-None-Match: "a,b"'), "failed");
  assertEquals(outcomeOf(`If-Unmodified-Since: ${EARLIER}`, 'If-None-Match: "a,b"'), "failed");
  assertEquals(outcomeOf(`If-Unmodified-Since: ${EARLIER}`, `If-Modified-Since: ${LATER}`), "failed");
});

Deno.test("evaluate() checks If-None-Match if If-Match passes (13.2.2)", () => {
  assertEquals(outcomeOf('If-Match: "a,b"', 'If-None-Match: "a,b"'), "not modified");
  assertEquals(outcomeOf('If-Match: "a,b"', `If-Modified-Since: ${EXACT}`), "not modified");
  assertEquals(outcomeOf(`If-Unmodified-Since: ${EXACT}`, `If-Modified-Since: ${EXACT}`), "not modified");
  assertEquals(outcomeOf('If-Match: "a,b"', 'If-None-Match: "x"'), "pass");
});

Deno.test("evaluate() ignores If-Range", () => {
  assertEquals(outcomeOf('If-Range: "x"', "Range: bytes=0-1"), "pass");
});

/** Whether the range applies with this value of If-Range. */
function applies(value: string): boolean {
  return rangeApplies(headOf([`If-Range: ${value}`]), VALIDATOR, NOW);
}

Deno.test("rangeApplies() is true without If-Range", () => {
  assertEquals(rangeApplies(headOf(["Range: bytes=0-1"]), VALIDATOR, NOW), true);
});

Deno.test("rangeApplies() compares a tag strongly (13.1.5)", () => {
  assertEquals(applies('"a,b"'), true);
  for (const value of ['W/"a,b"', '"x"', '"A,B"', 'w/"a,b"']) assertEquals(applies(value), false, value);
});

Deno.test("rangeApplies() requires exactly the date of the last modification (13.1.5)", () => {
  assertEquals(applies(EXACT), true);
  for (const value of [EARLIER, LATER]) assertEquals(applies(value), false, value);
});

Deno.test("rangeApplies() is false for a value that is neither one tag nor one date", () => {
  for (const value of ["", "*", "a,b", '"a,b", "a,b"', '"a,b', `${EXACT}, ${EXACT}`]) {
    assertEquals(applies(value), false, value);
  }
  assertEquals(rangeApplies(headOf(['If-Range: "a,b"', 'If-Range: "a,b"']), VALIDATOR, NOW), false);
});

const OCTETS = {
  etag: latin1Bytes(VALIDATOR.etag),
  lastModified: latin1Bytes(EXACT),
  modifiedMs: MODIFIED_MS,
};
const CLOCK = { wall: () => NOW };

for (
  const [expected, ...fieldLines] of [
    [true, 'If-None-Match: "a,b"'],
    [true, 'If-None-Match: "a,b"', `If-Modified-Since: ${EARLIER}`],
    [true, `If-Modified-Since: ${EXACT}`],
    [true, 'If-None-Match: "a,b"', "Range: bytes=0-1"],
    [false],
    [true, 'If-None-Match: "x", "a,b"'],
    [true, 'If-None-Match: "x", "a,b" , "y"'],
    [true, 'If-None-Match: W/"a,b"'],
    [true, "If-None-Match: *"],
    [false, 'If-None-Match: "x"'],
    [false, 'If-None-Match: "x" "a,b"'],
    [false, 'If-None-Match: "a,b"', 'If-None-Match: "x"'],
    [false, 'If-None-Match: "x"', `If-Modified-Since: ${EXACT}`],
    [false, `If-Modified-Since: ${LATER}`],
    [false, 'If-Match: "x"', 'If-None-Match: "a,b"'],
    [false, `If-Unmodified-Since: ${EARLIER}`, `If-Modified-Since: ${EXACT}`],
  ] as const
) {
  Deno.test(`namesValidator() is ${expected} for ${fieldLines.join(" and ") || "no field"}, without making a string`, () => {
    const head = headOf(fieldLines);
    assertEquals(!expected || evaluate(head, VALIDATOR, NOW) === "not modified", true);
    head.value = () => {
      throw new Error("a string was made");
    };
    assertEquals(namesValidator(head, OCTETS), expected);
  });
}

Deno.test("namesValidator() is true only if evaluate() says that nothing has changed", () => {
  const none = [null];
  const lists = ["If-Match", "If-None-Match"].map((name) =>
    ['"a,b"', '"x"', "*", 'W/"a,b"'].map((value) => `${name}: ${value}`)
  );
  const dates = ["If-Unmodified-Since", "If-Modified-Since"].map((name) =>
    [EARLIER, EXACT, LATER, ""].map((value) => `${name}: ${value}`)
  );
  const [ifMatch = [], ifNoneMatch = [], unmodified = [], modified = []] = [...lists, ...dates].map((
    lines,
  ) => [...none, ...lines]);
  let count = 0;
  for (const one of ifMatch) {
    for (const two of ifNoneMatch) {
      for (const three of unmodified) {
        for (const four of modified) {
          const lines = [one, two, three, four].filter((line) => line !== null);
          if (!namesValidator(headOf(lines), OCTETS)) continue;
          assertEquals(outcomeOf(...lines), "not modified", lines.join("; "));
          count++;
        }
      }
    }
  }
  assertEquals(count, 16); // Three values with the tag, each alone or with one of four dates, and the date alone.
});

Deno.test("namesValidator() and evaluate() agree on every list of up to four pieces", () => {
  const pieces = ['"a,b"', 'W/"a,b"', '"a,c"', '"a,bc"', ",", " ", "*", '"', "W/"];
  const extend = (lists: readonly string[]) => lists.flatMap((list) => pieces.map((piece) => list + piece));
  let lists: readonly string[] = [""];
  let names = 0;
  for (let length = 1; length <= 4; length++) {
    lists = extend(lists);
    for (const list of lists) {
      const head = headOf([`If-None-Match: ${list}`]);
      const isNamed = namesValidator(head, OCTETS);
      assertEquals(isNamed, evaluate(head, VALIDATOR, NOW) === "not modified", list);
      if (isNamed) names++;
    }
  }
  assert(names > 300, `${names}`);
});

for (
  const [expected, ...fieldLines] of [
    [true, "Range: bytes=0-1"],
    [true, "Range: bytes=0-1", 'If-Range: "a,b"'],
    [false, "Range: bytes=0-1", 'If-Range: W/"a,b"'],
    [false, "Range: bytes=0-1", 'If-Range: "a"'],
    [true, "Range: bytes=0-1", `If-Range: ${EXACT}`],
    [false, "Range: bytes=0-1", `If-Range: ${EARLIER}`],
    [false, "Range: bytes=0-1", `If-Range: ${LATER}`],
    [false, "Range: bytes=0-1", `If-Range: ${EXACT}`, `If-Range: ${EXACT}`],
    [false, "Range: bytes=0-1", `If-Range: ${EXACT}`, `If-Modified-Since: ${EARLIER}`],
    [false, "Range: bytes=0-1", 'If-Range: "a,b"', 'If-Range: "a,b"'],
    ...["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"].flatMap((name) => [
      [false, `${name}: x`] as const,
      [false, `${name}: x`, 'If-Range: "a,b"'] as const,
    ]),
  ] as const
) {
  Deno.test(`isRangeFree() is ${expected} for ${fieldLines.join(" and ")}, without making a string`, () => {
    const head = headOf(fieldLines);
    assertEquals(!expected || evaluate(head, VALIDATOR, NOW) === "pass" && rangeApplies(head, VALIDATOR, NOW), true);
    head.value = () => {
      throw new Error("a string was made");
    };
    assertEquals(isRangeFree(head, OCTETS, CLOCK), expected);
  });
}

Deno.test("isRangeFree() is false for a weak tag, because If-Range compares strongly, and a date is no stronger", () => {
  const weak = { ...OCTETS, etag: latin1Bytes('W/"a"') };
  assertEquals(isRangeFree(headOf(['If-Range: W/"a"']), weak, CLOCK), false);
  assertEquals(isRangeFree(headOf([`If-Range: ${EXACT}`]), weak, CLOCK), false);
});

Deno.test("isRangeFree() and rangeApplies() accept a date once its second is over (8.8.2.2)", () => {
  const head = headOf([`If-Range: ${EXACT}`]);
  for (const [ageMs, expected] of [[-1, false], [0, false], [999, false], [1000, true]] as const) {
    const nowMs = MODIFIED_MS + ageMs;
    assertEquals(rangeApplies(head, VALIDATOR, nowMs), expected);
    assertEquals(isRangeFree(head, OCTETS, { wall: () => nowMs }), expected);
  }
});
