/**
 * Targets and hosts by their grammars. Encoded segments are decoded to the same segments, and no target leads out of a root.
 */

import fc from "../../fast_check.ts";
import { isRefusal } from "../../../src/http/status.ts";
import { encodePath, parseHost, parseTarget } from "../../../src/http/target.ts";
import { agree, insist } from "../agree.ts";
import { checkSegment } from "../mutants/targets.ts";
import { property } from "../property.ts";
import { isIpv6Address, readHost, readTarget, removeDotSegments } from "../reference/target.ts";
import { anyText, mixedCase, queries } from "./texts.ts";

/** Names of files that a target can refer to. */
const segments = fc.array(
  fc.oneof(anyText.filter((text) => text !== ""), fc.string({ unit: "grapheme", minLength: 1 }))
    .map((text) => text.toWellFormed().replace(/[/\\\0]/g, "_"))
    .filter((text) => text !== "." && text !== ".."),
  { maxLength: 8 },
);

export const pathRoundTrip = property({
  name: "path-round-trip",
  runsInTests: 500,
  values: fc.tuple(segments, fc.boolean(), queries),
  check([segments, asFolder, query]) {
    const directory = asFolder || segments.length === 0;
    const target = parseTarget(`${encodePath(segments, directory)}?${query}`, "GET");
    const expected = { kind: "path", segments, directory, query: `?${query}`, authority: null };
    agree(target, expected, "the path, written and read again");
    return `${segments.length} segments`;
  },
});

const pieces = fc.constantFrom(
  ..."/ // . .. ... a b%20 %2e %2E%2e %2f %5c \\ %00 %25 %252e%252e %c3%a9 \xc3\xa9 \xc3%a9 \xff %c0%af %ff % ~ ; : @"
    .split(" "),
);

/** As `encodePath` writes it: UTF-8 and other octets alike. */
function inFull(raw: string): string {
  const octets = raw.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return octets.replace(/[^A-Za-z0-9\-_.!~*'()]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

export const pathEscapes = property({
  name: "path-escapes",
  runsInTests: 1000,
  values: fc.array(pieces, { maxLength: 14 }).map((parts) => `/${parts.join("")}`),
  check(raw) {
    const target = parseTarget(raw, "GET");
    if (isRefusal(target)) {
      agree(readTarget(raw, "GET"), null, `refused: ${target.reason}`);
      return `${target.status} ${target.reason}`;
    }
    insist(target.kind === "path", target.kind);
    for (const segment of target.segments) checkSegment(segment);
    const plain = removeDotSegments(raw.replace(/%2e/gi, ".")).split("/").filter((name) => name !== "");
    agree(encodePath(target.segments, false), `/${plain.map(inFull).join("/")}`, "segments");
    return `${target.segments.length} segments`;
  },
});

const names = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
  fc.stringMatching(/^[\w.~!$&'()*+,;=-]{1,20}$/),
  fc.stringMatching(/^(%[0-9A-Fa-f]{2}){1,3}$/),
);

export const hostGrammar = property({
  name: "host-grammar",
  runsInTests: 500,
  values: fc.tuple(
    names.chain(mixedCase),
    fc.oneof(fc.constant(""), fc.nat(99999).map((port) => `:${port}`), fc.constant(":")),
  ),
  check([name, port]) {
    const expected = name.toLowerCase().replace(/\.$/, "");
    agree(parseHost(name + port), expected, "the host");
    agree(parseHost(name.toUpperCase()), expected, "in capitals, without the port");
    return name.startsWith("[") ? "address" : "name";
  },
});

const hostPieces = fc.constantFrom(
  ...'a B 1 255 256 01 . - _ %41 %4 % [ ] [::1] :: : :80 0:0 ffff 12345 1.2.3.4 @ / ? \\ " , é \x85'.split(" "),
  " ",
  "\t",
);

export const hostMistakes = property({
  name: "host-mistakes",
  runsInTests: 2000,
  values: fc.oneof(
    fc.array(hostPieces, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.array(hostPieces, { maxLength: 9 }).map((parts) => `[${parts.join(":")}]`),
    anyText,
  ),
  check(value) {
    const host = parseHost(value);
    const isAddress = /^\[.*\]$/.test(value) && isIpv6Address(value.slice(1, -1));
    agree(isRefusal(host) ? null : host, readHost(value), "the host");
    return isRefusal(host) ? "refused" : isAddress ? "address" : "name";
  },
});
