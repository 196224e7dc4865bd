/** The example sites: each is well in the eyes of `check`, starts, and answers as its comments say. */

import { globSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { RawClient } from "../client.ts";
import { PROJECT, run, ServerProcess } from "../process.ts";

const SITES = `${PROJECT}/examples/sites`;

/** What a request is answered with: the status, and for some fields their values. */
type Case = readonly [
  request: string,
  status: number,
  fields?: Readonly<Record<string, string | undefined>>,
  text?: string,
];

const BROWSER = "Accept: text/html,*/*;q=0.8";
const ADA = `Authorization: Basic ${btoa("ada:difference engine")}`;

/** Request lines without method and version, each with the host in front and further field lines behind. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  class: [
    ["localhost/", 200, { "cache-control": "no-cache", "content-type": "text/html; charset=utf-8" }],
    ["localhost/rules", 200],
    ["localhost/rules.html", 301, { location: "/rules" }],
    ["localhost/none", 404, { "cache-control": "no-cache" }, "Not in this class"],
    ["localhost/2025/week1.txt?x", 301, { location: "/handouts/week1.txt?x" }],
    ["localhost/plan", 302, { location: "/handouts/plan.txt" }],
    ["localhost/exam.pdf", 410],
    ["localhost/data/ports.csv", 200, { "content-disposition": "attachment" }],
    ["localhost/picture.svg", 200, { "cache-control": "max-age=86400" }],
  ],
  application: [
    ["localhost/", 200, { "cache-control": "no-cache", vary: "Accept-Encoding" }],
    [
      `localhost/users/7\n${BROWSER}`,
      200,
      { "cache-control": "no-cache", vary: "Accept-Encoding, Accept" },
      '<main id="view">',
    ],
    ["localhost/users/7", 404, { vary: "Accept" }],
    [`localhost/assets/app-none.js\n${BROWSER}`, 404],
    ["localhost/assets/app-3fa8b6c7.js", 200, {
      "cache-control": "max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "content-security-policy": undefined,
    }],
    [`localhost/a/b\n${BROWSER}`, 200, { "content-security-policy": "default-src 'self'; frame-ancestors 'none'" }],
    ["localhost/manual/a/b?c", 308, { location: "https://manual.example.org/a/b?c" }],
  ],
  hosts: [
    ["localhost/", 200, { "x-content-type-options": "nosniff" }],
    ["localhost/none", 404, {}, "Ask the administrator"],
    ["localhost/staff", 302, { location: "http://staff.localhost:8080/" }],
    ["staff.localhost/", 401, { "www-authenticate": 'Basic realm="Staff only", charset="UTF-8"' }],
    ["staff.localhost/none", 401, {}, "401"],
    [`staff.localhost/\n${ADA}`, 200, { "cache-control": "no-store" }],
    [`staff.localhost/\n${ADA}x`, 401],
    ["lab.localhost/", 200],
    ["lab.localhost/none", 404, {}, "Ask the administrator"],
    ["anna.students.localhost/", 200, { "x-content-type-options": undefined }],
    ["a.b.students.localhost/index.html", 200, { "content-type": "text/html; charset=iso-8859-1" }],
    ["anna.students.localhost/marking/week1.txt", 401],
    [`anna.students.localhost/marking/week1.txt\n${ADA}`, 200],
    ["staff.localhost/staff.htpasswd", 401],
    [`staff.localhost/staff.htpasswd\n${ADA}`, 404],
  ],
};

Deno.test("each example site is tested, and its folder is in the list", async () => {
  const folders = globSync("*/web.conf", { cwd: SITES }).map((path) => path.replace("/web.conf", ""));
  assertEquals(folders.toSorted(), Object.keys(CASES).toSorted());
  const list = await Deno.readTextFile(`${SITES}/README.md`);
  assertEquals(folders.filter((folder) => !list.includes(`[${folder}](${folder})`)), []);
});

for (const [site, cases] of Object.entries(CASES)) {
  Deno.test(`check finds nothing wrong with the example site ${site}`, async () => {
    const { code, stdout, stderr } = await run(["check", "-p", "0"], { cwd: `${SITES}/${site}` });
    assertEquals([code, /warning|error:/.exec(stdout + stderr)], [0, null], stderr);
  });

  Deno.test(`the example site ${site} answers as its comments say`, async () => {
    await using server = await ServerProcess.start(["-w", "1"], { cwd: `${SITES}/${site}` });
    using client = await RawClient.connect(server.port);
    for (const [request, status, fields = {}, text = ""] of cases) {
      const [, host = "", target = "", lines = ""] = /^([^/]*)([^\n]*)\n?(.*)$/.exec(request)!;
      await client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}${lines === "" ? "" : "\r\n"}\r\n`);
      const answer = await client.response();
      assertEquals(answer.status, status, request);
      for (const [name, value] of Object.entries(fields)) assertEquals(answer.field(name), value, `${request} ${name}`);
      assert(answer.text.includes(text), `${request}: ${answer.text}`);
    }
  });
}
