/** Lines and words of web.conf: blanks, line ends, quotation marks, comments, and the positions of words. */

import { assertEquals } from "@std/assert";
import { lex } from "../../src/config/lexer.ts";

/** The words of each line that has words. */
function words(text: string): string[][] {
  return lex(text).lines.map(({ words }) => words.map((word) => word.text));
}

/** Each problem as `line:column message`. */
function problems(text: string): string[] {
  return lex(text).problems.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`);
}

for (
  const [what, text, expected] of [
    ["an empty text as no lines", "", []],
    ["blank lines as no lines", "\n \n\t\n\n", []],
    ["words separated by blanks", "host default www", [["host", "default", "www"]]],
    ["any number of blanks as one", "host   default    www", [["host", "default", "www"]]],
    ["tabs as blanks", "host\tdefault\t \twww", [["host", "default", "www"]]],
    ["blanks before the first word as nothing", " \t host", [["host"]]],
    ["blanks after the last word as nothing", "parameter timeout 1 \t ", [["parameter", "timeout", "1"]]],
    ["a last line without its line end", "a\nb", [["a"], ["b"]]],
    ["lines that end with CR LF", "a b\r\nc d\r\n", [["a", "b"], ["c", "d"]]],
    ["lines that end with CR", "a b\rc d\r", [["a", "b"], ["c", "d"]]],
    ["a byte order mark as nothing", "\uFEFFhost default www", [["host", "default", "www"]]],
    ["a comment line as no line", "# host default www", []],
    ["a comment after words as nothing", "host default www # here\nmedia", [["host", "default", "www"], ["media"]]],
    ["# within a word as part of it", "a#b c# d", [["a#b", "c#", "d"]]],
    ["a quotation mark in a comment as nothing", 'a # say "hello', [["a"]]],
    ["a word in quotation marks without them", '"host" default', [["host", "default"]]],
    ["blanks within quotation marks as part of the word", '"my \t files" b', [["my \t files", "b"]]],
    ["# within quotation marks as part of the word", '"# not a comment" b', [["# not a comment", "b"]]],
    ["two quotation marks as an empty word", 'a "" b', [["a", "", "b"]]],
    ["a backslash as itself", 'C:\\www "C:\\my files\\"', [["C:\\www", "C:\\my files\\"]]],
    ["a quotation mark within a word as part of it", 'a"b c"', [['a"b', 'c"']]],
    ["letters of any script", "host bücher.example größe", [["host", "bücher.example", "größe"]]],
  ] as const
) {
  Deno.test(`lex() reads ${what}`, () => {
    assertEquals(words(text), expected.map((line) => [...line]));
    assertEquals(problems(text), []);
  });
}

Deno.test("lex() counts lines from 1, empty ones and comments among them", () => {
  const { lines } = lex("\n# comment\nhost\n\r\nmedia");
  assertEquals(lines.map(({ line }) => line), [3, 5]);
});

Deno.test("lex() counts a CR LF as one line end", () => {
  assertEquals(lex("a\r\n\r\nb").lines.map(({ line }) => line), [1, 3]);
});

Deno.test("lex() counts columns from 1, at the quotation mark of a quoted word", () => {
  const { lines } = lex('  host\t"my files" www');
  assertEquals(lines[0]?.words.map(({ column }) => column), [3, 8, 19]);
});

Deno.test("lex() does not count a byte order mark as a column", () => {
  assertEquals(lex("\uFEFFhost").lines[0]?.words[0]?.column, 1);
});

Deno.test("lex() reports an unclosed quotation mark, and treats the rest of the line as the word", () => {
  const text = 'host default "my files\nmedia "a b" c';
  assertEquals(problems(text), ['1:14 error a quotation mark is not closed; add a " at the end of the words']);
  assertEquals(words(text), [["host", "default", "my files"], ["media", "a b", "c"]]);
});

Deno.test("lex() reports a missing blank after a quotation mark", () => {
  const text = 'host "my files"www';
  assertEquals(problems(text), ["1:16 error a blank must follow a closing quotation mark"]);
});

Deno.test("lex() reports every problem, not only the first", () => {
  assertEquals(lex('"a"b "c"d\n"e').problems.map(({ line, column }) => [line, column]), [[1, 4], [1, 9], [2, 1]]);
});
