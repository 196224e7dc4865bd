/**
 * Checks of single answers: statuses, fields, content, ranges, hosts.
 * @module
 */

import type { Bench, Check, Group } from "./check.ts";
import { FILES, UNREADABLE } from "./site.ts";
import { type Reply, Wire } from "./wire.ts";

/** The text of a request for `target`, with Connection: close. */
export function requestFor({ place }: Bench, target: string, fields: readonly string[] = []): string {
  return [`GET ${target} HTTP/1.1`, `Host: ${place.host}`, ...fields, "Connection: close", "", ""].join("\r\n");
}

/** Sends text on a new connection, and reads one answer. */
export async function ask(bench: Bench, text: string): Promise<Reply> {
  using wire = await Wire.open(bench.place);
  await wire.send(text);
  return await wire.reply(text.startsWith("HEAD "));
}

/** The value of a field; letter case does not count. `undefined`: there is none. */
export function valueOf({ fields }: Reply, name: string): string | undefined {
  return fields.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function textOf({ content }: Reply): string {
  return new TextDecoder().decode(content);
}

function expectStatus({ status }: Reply, ...expected: readonly number[]): string | null {
  return expected.includes(status) ? null : `the status is ${status}, not ${expected.join(" or ")}`;
}

/** GET for a file brings it exactly. */
function brings(target: string, name: keyof typeof FILES, points: number): Check {
  return {
    name: `GET ${target} brings the file exactly`,
    points,
    run: async (bench) => {
      const reply = await ask(bench, requestFor(bench, target));
      if (reply.status !== 200) return expectStatus(reply, 200);
      if (textOf(reply) !== FILES[name]) return `${reply.content.length} bytes came that are not those of the file`;
      const length = valueOf(reply, "content-length");
      return length === String(FILES[name].length) ? null : `Content-Length is ${length ?? "missing"}`;
    },
  };
}

function hasType(name: string, type: string): Check {
  return {
    name: `Content-Type of ${name} is ${type}`,
    points: 1,
    run: async (bench) => {
      const value = valueOf(await ask(bench, requestFor(bench, `/${name}`)), "content-type") ?? "missing";
      return value.split(";")[0]!.trim().toLowerCase() === type ? null : `it is ${value}`;
    },
  };
}

function isAnswered(name: string, points: number, text: string, ...statuses: readonly number[]): Check {
  return {
    name: `${name} is answered with ${statuses.join(" or ")}, and with a body`,
    points,
    run: async (bench) => {
      const reply = await ask(bench, text.replaceAll("HOST", bench.place.host));
      return expectStatus(reply, ...statuses) ?? (reply.content.length > 0 ? null : "the body is empty");
    },
  };
}

const DATE = /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;

function hasField(name: string, isValid: (value: string) => boolean): Check {
  return {
    name: `an answer has ${name}, in this letter case, also with 404`,
    points: 1,
    run: async (bench) => {
      for (const target of ["/a.txt", "/none"]) {
        const reply = await ask(bench, requestFor(bench, target));
        const values = reply.fields.filter(([key]) => key === name).map(([, value]) => value);
        if (values.length !== 1) return `${target} has it ${values.length} times`;
        if (!isValid(values[0]!)) return `${target} has ${values[0]}`;
      }
      return null;
    },
  };
}

/** Single answers. */
export const CONTENT: readonly Group[] = [
  {
    title: "files",
    checks: [
      brings("/", "index.html", 3),
      brings("/a.txt", "a.txt", 2),
      brings("/sub/page.html", "sub/page.html", 1),
      brings("/large.bin", "large.bin", 2),
      hasType("index.html", "text/html"),
      hasType("a.txt", "text/plain"),
      hasType("picture.jpg", "image/jpeg"),
      hasType("style.css", "text/css"),
      hasType("Makefile", "text/plain"),
      {
        name: "HEAD has the fields of GET, and no body",
        points: 1,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send(requestFor(bench, "/a.txt").replace("GET", "HEAD"));
          const reply = await wire.reply(true);
          if (reply.status !== 200) return expectStatus(reply, 200);
          const length = valueOf(reply, "content-length");
          if (length !== String(FILES["a.txt"].length)) return `Content-Length is ${length ?? "missing"}`;
          const surplus = await wire.surplus();
          return surplus === 0 ? null : `${surplus} bytes follow the head`;
        },
      },
    ],
  },
  {
    title: "fields",
    checks: [
      hasField("Date", (value) => DATE.test(value)),
      hasField("Server", (value) => value !== ""),
      hasField("Content-Type", (value) => value.includes("/")),
      hasField("Content-Length", (value) => /^[1-9][0-9]*$/.test(value)),
      {
        name: "a file has Last-Modified, a valid date",
        points: 1,
        run: async (bench) => {
          const value = valueOf(await ask(bench, requestFor(bench, "/a.txt")), "last-modified") ?? "missing";
          return DATE.test(value) ? null : `it is ${value}`;
        },
      },
      {
        name: "nothing follows the body",
        points: 1,
        run: async (bench) => {
          using wire = await Wire.open(bench.place);
          await wire.send(requestFor(bench, "/a.txt"));
          await wire.reply();
          const surplus = await wire.surplus();
          return surplus === 0 ? null : `${surplus} bytes follow`;
        },
      },
    ],
  },
  {
    title: "errors",
    checks: [
      isAnswered("a file that is not there", 2, "GET /none.txt HTTP/1.1\r\nHost: HOST\r\n\r\n", 404),
      {
        ...isAnswered("an unreadable file", 1, `GET /${UNREADABLE} HTTP/1.1\r\nHost: HOST\r\n\r\n`, 403),
        isPossible: ({ isConfined }) => isConfined,
      },
      isAnswered("the method BAD", 2, "BAD / HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, 405, 501),
      isAnswered("an empty method", 1, " / HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
      isAnswered("an empty target", 1, "GET  HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
      isAnswered(
        "a path out of the folder",
        2,
        "GET /../../../etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n",
        400,
        403,
        404,
      ),
      isAnswered(
        "such a path in %2e",
        2,
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n",
        400,
        403,
        404,
      ),
    ],
  },
  {
    title: "hosts",
    checks: ["localhost", "localhost:8080", "LocalHost"].map((host): Check => ({
      name: `Host: ${host} is answered`,
      points: 1,
      run: async (bench) =>
        expectStatus(await ask(bench, `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), 200),
    })).concat({
      name: "Host:localhost without a blank is answered",
      points: 1,
      run: async (bench) =>
        expectStatus(await ask(bench, "GET /a.txt HTTP/1.1\r\nHost:localhost\r\nConnection: close\r\n\r\n"), 200),
    }),
  },
  {
    title: "ranges",
    checks: [
      range("bytes=0-999", 206, 0, 1000),
      range("bytes=1990-", 206, 1990, 2000),
      range("bytes=-10", 206, 1990, 2000),
      range("bytes=5000-", 416, 0, 0),
    ],
  },
];

function range(field: string, status: number, first: number, end: number): Check {
  return {
    name: `Range: ${field} gives ${status}${status === 206 ? ` and exactly ${end - first} bytes` : ""}`,
    points: field === "bytes=0-999" ? 2 : 1,
    run: async (bench) => {
      const reply = await ask(bench, requestFor(bench, "/a.txt", [`Range: ${field}`]));
      if (reply.status !== status) return expectStatus(reply, status);
      if (status === 206 && textOf(reply) !== FILES["a.txt"].slice(first, end)) return "other bytes came";
      const expected = status === 206 ? `bytes ${first}-${end - 1}/2000` : "bytes */2000";
      const value = valueOf(reply, "content-range");
      return value === expected ? null : `Content-Range is ${value ?? "missing"}`;
    },
  };
}
