/**
 * Random texts: tokens, field values, raw targets, and arbitrary texts.
 */

import fc from "../../fast_check.ts";

const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const VISIBLE = Array.from({ length: 0x7f - 0x21 }, (_, at) => String.fromCharCode(0x21 + at));
const OBS_TEXT = Array.from({ length: 0x80 }, (_, at) => String.fromCharCode(0x80 + at));

/** A text of these characters, whose length is between the two numbers. */
export function textOf(chars: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...chars), minLength, maxLength });
}

export const tokens: fc.Arbitrary<string> = textOf([...TCHAR], 1, 20);

/** Octets of a field value, without blanks at its ends. */
export const fieldValues: fc.Arbitrary<string> = fc
  .oneof(textOf(VISIBLE, 0, 30), textOf([...VISIBLE, ...OBS_TEXT, " ", "\t", ",", '"'], 0, 60))
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));

const TARGET_CHARS = VISIBLE.filter((char) => char !== "#");

/** Octets that a query may contain. */
export const queries: fc.Arbitrary<string> = textOf(TARGET_CHARS, 0, 20);

export const rawTargets: fc.Arbitrary<string> = fc.oneof(
  textOf(TARGET_CHARS, 1, 60),
  fc.array(textOf([...`${TCHAR}:@()=;`].filter((char) => char !== "#"), 0, 10), { maxLength: 8 }).map((segments) =>
    `/${segments.join("/")}`
  ),
);

/** All kinds of characters, including lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 0xff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }) },
  ).map((code) => String.fromCodePoint(code)),
});

/** The word in any letter case. */
export function mixedCase(word: string): fc.Arbitrary<string> {
  return fc.array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => [...word].map((char, at) => upper[at] ? char.toUpperCase() : char).join(""));
}
