/**
 * Lines of the access log. For every request there is one line of printable ASCII, and a reader can restore the request
 * from it.
 */

import fc from "../../fast_check.ts";
import type { Exchange } from "../../../src/http/handler.ts";
import type { RequestHead } from "../../../src/http/h1/head.ts";
import { accessFormat } from "../../../src/log/access.ts";
import { ShortLines } from "../../../src/log/short.ts";
import { headOf } from "../../http/heads.ts";
import { agree, insist } from "../agree.ts";
import { property } from "../property.ts";
import { anyText, fieldValues, rawTargets, tokens } from "./texts.ts";

const steering = fc.string({ unit: fc.constantFrom(..."\"\\\t x41\x80\x85\x9b\xa0\xad\xff'[]{}%n") })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));
const value = fc.option(fc.oneof(fieldValues, steering));

const exchanges = fc.record({
  method: tokens,
  target: rawTargets,
  referer: value,
  agent: value,
  peer: fc.constantFrom("192.0.2.7", "::1", "::ffff:192.0.2.7", "fe80::1%eth0"),
  user: fc.option(fc.oneof(anyText, steering, fc.constant("-")).filter((user) => user !== "")),
  status: fc.constantFrom(200, 304, 400, 431) as fc.Arbitrary<Exchange["status"]>,
  contentBytes: fc.maxSafeNat(),
  servedBy: fc.constant(null),
  coding: fc.constant(null),
  durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  wallMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  problem: fc.option(anyText),
});

export const logLines = property({
  name: "log-lines",
  runsInTests: 1000,
  values: exchanges,
  check({ method, target, referer, agent, peer, wallMs, ...rest }) {
    const lines = [
      ...referer === null ? [] : [`Referer: ${referer}`],
      ...agent === null ? [] : [`User-Agent: ${agent}`],
    ];
    const head = headOf(lines, `${method} ${target} HTTP/1.1`);
    const exchange = {
      head,
      peer: { transport: "tcp", hostname: peer, port: 40007 },
      isSecure: false,
      ...rest,
    } as const;
    const requestLine = `${method} ${target} HTTP/1.1`;
    checkCombined(lineOf("combined", exchange, wallMs), [requestLine, referer ?? "-", agent ?? "-"], exchange);
    insist(
      lineOf("combined", exchange, wallMs).startsWith(lineOf("common", exchange, wallMs).replace(/ \S+$/, " ")),
      "common",
    );
    checkShort(lineOf("combined", exchange, wallMs), exchange);
    checkJson(lineOf("json", exchange, wallMs), head, exchange);
    return [referer === null ? "" : "referer", agent === null ? "" : "agent"].join(" ");
  },
});

/** The line without its LF. */
function lineOf(format: "combined" | "common" | "json", exchange: Exchange, wallMs: number): string {
  const line = accessFormat(format)!(exchange, wallMs);
  insist(/^[ -~]+\n$/.test(line), `not one line of printable ASCII: ${JSON.stringify(line)}`);
  return line.slice(0, -1);
}

const COMBINED = /^\S+ - (\S+) \[[^\]]+\] "([^"]*)" ([0-9]{3}) ([0-9]+) "([^"]*)" "([^"]*)" [0-9]+\.[0-9]{3}$/;

function checkCombined(line: string, texts: readonly string[], { user, status, contentBytes }: Exchange): void {
  const [, name = "", requestLine = "", code, bytes, referer = "", agent = ""] = COMBINED.exec(line) ?? [];
  const unescape = (text: string) =>
    text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const octets = Uint8Array.from(unescape(name), (char) => char.charCodeAt(0));
  agree(name === "-" ? null : new TextDecoder().decode(octets), user?.toWellFormed() ?? null, line);
  agree([code, bytes], [String(status), String(contentBytes)], line);
  agree([requestLine, referer, agent].map(unescape), texts, line);
}

/** What a terminal shows fits it, is printable, and has the status. */
function checkShort(combined: string, { status }: Exchange): void {
  const line = new ShortLines({ colour: false }).format(`${combined}\n`, 100);
  insist(line.length <= 100 && /^(?:\d\d:){2}\d\d [ -~]+\n$/.test(line), line);
  agree(/ (\d{3}) +\S+ k?[BMGTP]+ +\S+ \w+\n$/.exec(line)?.[1], String(status), line);
}

function checkJson(line: string, head: RequestHead, { user, status, contentBytes, problem }: Exchange): void {
  const entry = JSON.parse(line);
  agree(
    [entry.method, entry.target, entry.status, entry.bytes],
    [head.method, head.target, status, contentBytes],
    line,
  );
  agree(
    [entry.user, entry.referer, entry.agent, entry.problem],
    [user, head.value("referer"), head.value("user-agent"), problem],
    line,
  );
}
