/**
 * The suite of HTTP/2: each case by its section of RFC 9113, sent at once and byte by byte.
 */

import { assert } from "@std/assert";
import { run } from "./case.ts";
import { FIELD_CASES } from "./field_cases.ts";
import { FLOW_CASES } from "./flow_cases.ts";
import { FRAME_CASES } from "./frame_cases.ts";
import { MESSAGE_CASES } from "./message_cases.ts";
import { STREAM_CASES } from "./stream_cases.ts";

const CASES = [...FRAME_CASES, ...FLOW_CASES, ...STREAM_CASES, ...MESSAGE_CASES, ...FIELD_CASES];

for (const each of CASES) Deno.test(`HTTP/2 ${each.section}: ${each.rule}`, () => run(each));

Deno.test("the suite of HTTP/2 has at least 150 cases, each with a rule of its own", () => {
  assert(CASES.length >= 150, `${CASES.length} cases`);
  assert(new Set(CASES.map(({ section, rule }) => `${section} ${rule}`)).size === CASES.length);
});
