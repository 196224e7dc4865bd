/** Redirects over real sockets: two hosts that differ, the order of lines, what becomes of captures and queries. */

import { assertEquals } from "@std/assert";
import { RawClient } from "../client.ts";
import { withSite } from "../site.ts";

/** The status of each request line, for a host, and the Location where there is one. */
async function ask(conf: string, host: string, requests: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  await withSite(
    { files: { "index.html": "index", "new/a.html": "new", "old/a.html": "old" }, conf },
    async ({ port }) => {
      using client = await RawClient.connect(port);
      for (const request of requests) {
        const line = request.includes(" ") ? request : `GET ${request}`;
        await client.send(`${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        const { status, field } = await client.response(line.startsWith("HEAD"));
        answers.push([status, field("location")].filter((each) => each !== undefined).join(" "));
      }
    },
  );
  return answers;
}

const TWO_HOSTS = `redirect /shared /new/a.html
host a ROOT
  redirect /old/** /new/$1
  redirect /gone -
  redirect /tmp https://other.example/x 302
host b ROOT
  redirect none
  redirect /old/a.html /index.html 308
`;

Deno.test("redirect: a host redirects what its own lines match, and then what those for every host match", async () => {
  assertEquals(await ask(TWO_HOSTS, "a", ["/old/a.html", "/gone", "/tmp", "/shared", "/", "/new/a.html"]), [
    "301 /new/a.html",
    "410",
    "302 https://other.example/x",
    "301 /new/a.html",
    "200",
    "200",
  ]);
});

Deno.test("redirect: another host of the same root has redirects of its own", async () => {
  assertEquals(await ask(TWO_HOSTS, "b", ["/old/a.html", "/gone", "/shared", "/"]), [
    "308 /index.html",
    "404",
    "404",
    "200",
  ]);
});

Deno.test("redirect: HEAD is redirected, and other methods are answered before", async () => {
  assertEquals(await ask(TWO_HOSTS, "a", ["HEAD /old/x", "POST /old/x", "OPTIONS /old/x", "PURGE /old/x"]), [
    "301 /new/x",
    "405",
    "200",
    "501",
  ]);
});

for (
  const [what, rule, path, answer] of [
    ["the query is kept", "/a /b", "/a?x=1&y=%20", "301 /b?x=1&y=%20"],
    ["the query of the target replaces it", "/a /b?z=2", "/a?x=1", "301 /b?z=2"],
    ["the query stands before the fragment", "/a /b#part", "/a?x=1", "301 /b?x=1#part"],
    ["captures are encoded again", "/a/** /b/$1", "/a/%23%3F/%C3%A9%20/%25", "301 /b/%23%3F/%C3%A9%20/%25"],
    ["octets that are no UTF-8 are given again", "/a/* /b/$1", "/a/%E9%FF", "301 /b/%E9%FF"],
    ["captures in a query are encoded", "/a/** /b?q=$1", "/a/x%26y=%23/z", "301 /b?q=x%26y%3D%23/z"],
    ["captures can change places", "/a/*/* /$2/$1", "/a/x/y", "301 /y/x"],
    ["wildcards are counted without braces", "/{a,b}/*.{php,asp*} /$1.html", "/b/x.php", "301 /x.html"],
    ["an empty capture makes no double slash", "/a/** /$1/b", "/a/", "301 /b"],
    ["a capture with a slash in front leads to no other host", "/a** /$1", "/a/evil.example", "301 /evil.example"],
    ["a target of the owner's is encoded as it has to be", '/a "/b c/ä%20%"', "/a", "301 /b%20c/%C3%A4%20%25"],
    ["an address keeps its host", "/a/** https://x.example:8443/$1", "/a//y/", "301 https://x.example:8443/y/"],
    ["a dollar without a number is a dollar", "/a /b$", "/a", "301 /b$"],
    ["a pattern without a slash is compared with the last name", "*.php /x", "/d/e/f.php", "301 /x"],
    ["what exists does not matter", "/new/a.html /x 307", "/new/a.html", "307 /x"],
    ["303 is possible", "/a /b 303", "/a", "303 /b"],
  ] as const
) {
  Deno.test(`redirect: ${what}`, async () => {
    assertEquals(await ask(`host default ROOT\n  redirect ${rule}\n`, "x", [path]), [answer]);
  });
}

Deno.test("redirect: the first line that matches decides", async () => {
  const conf = "host default ROOT\n  redirect /a/x /1\n  redirect /a/* /2\n  redirect /** /3/ 302\n";
  assertEquals(await ask(conf.replace("/** /3/", "/b/** /3/"), "x", ["/a/x", "/a/y", "/b/c", "/a/x"]), [
    "301 /1",
    "301 /2",
    "302 /3/",
    "301 /1",
  ]);
});
