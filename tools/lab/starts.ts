/**
 * Checks of the start and of web.conf. The grader starts the server for each with a web.conf of its own.
 * @module
 */

import type { Bench, Check, Group } from "./check.ts";
import { ask, valueOf } from "./content.ts";
import { startOnPort, withProgram, writeFiles } from "./program.ts";
import { type Reply, Wire } from "./wire.ts";

/** A request, and what its answer must be. */
interface Expected {
  readonly target: string;
  readonly host?: string;
  readonly status: number;
  readonly text?: string;
  readonly type?: string;
}

const SITE = { "www/index.html": "index", "www/a.txt": "a", "www/b.odd": "b", "other/index.html": "other" };

function site(conf: string): (folder: string) => Promise<void> {
  return (folder) => writeFiles(folder, { ...SITE, "web.conf": conf });
}

function canStart({ starting }: Bench): boolean {
  return starting !== null;
}

/** With this web.conf the server answers as expected. */
function obeys(name: string, points: number, conf: string, expected: readonly Expected[]): Check {
  return {
    name,
    points,
    isPossible: canStart,
    run: (bench) =>
      withProgram(bench.starting!, site(conf), async (place) => {
        for (const each of expected) {
          const { target, host = "localhost" } = each;
          const reply = await ask(
            { ...bench, place },
            `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
          );
          const remark = compare(reply, each);
          if (remark !== null) return `${target} of ${host}: ${remark}`;
        }
        return null;
      }),
  };
}

function compare(reply: Reply, { status, text, type }: Expected): string | null {
  if (reply.status !== status) return `the status is ${reply.status}, not ${status}`;
  const content = new TextDecoder().decode(reply.content);
  if (text !== undefined && content !== text) return `${JSON.stringify(content.slice(0, 20))} came, not "${text}"`;
  const value = valueOf(reply, "content-type")?.split(";")[0];
  return type === undefined || value === type ? null : `Content-Type is ${value}, not ${type}`;
}

/** A connection without a byte is closed after so many seconds, or stays open that long (`null`). */
function times(name: string, conf: string, waitSeconds: number, isClosed: boolean): Check {
  return {
    name,
    points: 1,
    isPossible: canStart,
    run: (bench) =>
      withProgram(bench.starting!, site(conf), async (place) => {
        using wire = await Wire.open(place);
        const was = await wire.isClosedWithin(waitSeconds * 1000);
        return was === isClosed ? null : was ? "it was closed" : `it is still open after ${waitSeconds} seconds`;
      }),
  };
}

/** The start. */
export const STARTS: readonly Group[] = [
  {
    title: "start and web.conf",
    checks: [
      {
        name: "a port that is taken ends the start with a message and a code that is not 0",
        points: 2,
        isPossible: canStart,
        run: async ({ starting }) => {
          const listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
          try {
            const ended = await startOnPort(starting!, listener.addr.port, "host default www\n");
            if (ended === null) return "it goes on";
            return ended.code === 0 ? "the code is 0" : ended.text.trim() === "" ? "there is no message" : null;
          } finally {
            listener.close();
          }
        },
      },
      obeys(
        "web.conf may have CR LF, tabs, double blanks and no final newline",
        2,
        "host  default\twww  \r\n\r\nmedia\tTXT text/x-lab\r\nparameter timeout 2",
        [{ target: "/a.txt", status: 200, text: "a", type: "text/x-lab" }],
      ),
      obeys("host default answers for names that are not listed", 1, "host localhost www\nhost default other\n", [
        { target: "/", status: 200, text: "index" },
        { target: "/", host: "else.where", status: 200, text: "other" },
      ]),
      obeys("without host default, a name that is not listed gets 400", 1, "host localhost www\n", [
        { target: "/", status: 200, text: "index" },
        { target: "/", host: "else.where", status: 400 },
      ]),
      obeys("the last of two lines for one host wins", 1, "host default www\nhost default other\n", [
        { target: "/", status: 200, text: "other" },
      ]),
      obeys("a root may end with a slash and lead upwards", 1, "host default www/../other/\n", [
        { target: "/", status: 200, text: "other" },
      ]),
      obeys("an extension that is not listed is text/plain", 1, "host default www\nmedia txt text/plain\n", [
        { target: "/b.odd", status: 200, type: "text/plain" },
      ]),
      obeys("a root that is not there is no reason not to start, and gets 404", 1, "host default none\n", [
        { target: "/", status: 404 },
      ]),
      times("timeout may be a fraction of a second", "host default www\nparameter timeout 0.5\n", 1.8, true),
      times("timeout 0 means never", "host default www\nparameter timeout 0\n", 2.5, false),
    ],
  },
];
