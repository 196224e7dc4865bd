/**
 * Requests in HTTP/2: the fields of their HEADERS, and their content. Knows requests; not streams or frames.
 */

import type { Random } from "../random.ts";
import { type Ask, type Asked, makeAsk, makePlainAsk, type Material } from "../requests.ts";
import type { Field } from "./hpack_tables.ts";

/** A request in HTTP/2. */
export interface Http2Message extends Asked {
  readonly fields: readonly Field[];
  /** Bytes of content; `null`: the fields are the end. */
  readonly contentBytes: number | null;
  readonly hasTrailers: boolean;
  /** Whether the server may answer before it has all of the content. */
  readonly isDeclined: boolean;
}

/** More content than this is not read to its end. It repeats a constant of the server. */
const CONTENT_BYTES_MAX = 65_536;

/** A valid request. `bytesMax`: maximum length of the requested file. */
export function makeHttp2Request(material: Material, bytesMax = Infinity): Http2Message {
  const ask = makeAsk(material, bytesMax);
  const { random } = material;
  if (random.chance(0.8)) return spell(ask, random, {});
  const isRefused = ask.expected.kind === "status" && ask.expected.statuses.every((status) => status >= 400);
  const contentBytes = random.weigh([
    [4, random.integer(0, 3000)],
    [2, random.integer(3000, CONTENT_BYTES_MAX)],
    [isRefused ? 4 : 0, random.integer(CONTENT_BYTES_MAX, 300_000)],
  ]);
  return spell(ask, random, {
    contentBytes,
    isDeclared: random.chance(0.5),
    expectsContinue: random.chance(0.1),
    hasTrailers: random.chance(0.2),
  });
}

/** A GET for a file of at most `bytesMax` bytes, and of at least `bytesMin`, if there is one. */
export function makePlainHttp2Request(material: Material, bytesMax: number, bytesMin = 0): Http2Message {
  return spell(makePlainAsk(material, bytesMax, bytesMin), material.random, {});
}

/** A request that the server must refuse, on its own stream alone. */
export function makeRefusedHttp2(random: Random): Http2Message {
  const [method, target, statuses, fields] = random.pick<readonly [string, string, number[], Field[]]>([
    ["GET", "/%zz", [400], []],
    ["GET", "/%00", [400], []],
    ["GET", "/a%2fb", [400], []],
    ["GET", `/${"x".repeat(random.integer(8192, 20_000))}`, [414], []],
    ["GET", "/", [417], [["expect", "nothing"]]],
    ["HEAD", "/", [431], [["x", "x".repeat(random.integer(8192, 30_000))]]],
    ["GET", "/", [431], Array.from({ length: random.integer(100, 300) }, () => ["x", "y"] as const)],
    ["POST", "/", [431], Array.from({ length: 32 }, () => ["x", "y".repeat(1000)] as const)],
    ["PUT", "/a.txt", [405], []],
  ]);
  const contentBytes = method === "PUT" ? random.integer(0, 300_000) : undefined;
  return spell({ method, target, host: "a", fields, expected: { kind: "status", statuses } }, random, { contentBytes });
}

/** How a request carries content. */
interface Carried {
  readonly contentBytes?: number | undefined;
  readonly isDeclared?: boolean;
  readonly expectsContinue?: boolean;
  readonly hasTrailers?: boolean;
}

function spell({ method, target, host, fields, expected }: Ask, random: Random, carried: Carried): Http2Message {
  const { contentBytes = null, isDeclared = false, expectsContinue = false, hasTrailers = false } = carried;
  const [, authority = host, path = target] = /^http:\/\/([^/]*)(.*)$/.exec(target) ?? [];
  const named = random.weigh<readonly Field[]>([
    [8, [[":authority", authority]]],
    [1, [["host", authority]]],
    [1, [[":authority", authority], ["host", authority]]],
  ]);
  const pseudo: Field[] = [[":method", method], [":scheme", random.pick(["http", "https"])], [":path", path]];
  const others: Field[] = fields.map(([name, value]) => [name.toLowerCase(), value]);
  if (isDeclared) others.push(["content-length", String(contentBytes)]);
  if (expectsContinue) others.push(["expect", "100-continue"]);
  if (random.chance(0.1)) others.push(["cookie", "a=1"], ["cookie", "b=2"]);
  if (random.chance(0.1)) others.push(["te", "trailers"]);
  if (random.chance(0.3)) others.push(["priority", random.pick(["u=0", "u=1, i", "i", "u=7", "u=9, nonsense"])]);
  const isPseudo = ([name]: Field) => name.startsWith(":");
  const isOther = ([name]: Field) => !name.startsWith(":");
  return {
    fields: [...random.shuffle([...pseudo, ...named.filter(isPseudo)]), ...named.filter(isOther), ...others],
    contentBytes,
    hasTrailers,
    isDeclined: expectsContinue || (contentBytes ?? 0) > CONTENT_BYTES_MAX,
    isHead: method === "HEAD",
    isOld: false,
    persists: true,
    expectsContinue,
    expected,
  };
}
