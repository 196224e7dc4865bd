/** cors over real sockets: two hosts that differ, preflights, and fields that no other origin gets. */

import { assertEquals } from "@std/assert";
import type { RawResponse } from "../client.ts";
import { ALICE, FILES, SECRETS, withHosts } from "./guarded.ts";

const CONF = `host all ROOT
  cors *
host list ROOT
  cors https://app.example https://other.example:8443
host none ROOT
host closed ROOT
  cors https://app.example
  auth Staff SECRETS/staff
host far ROOT
  cors https://app.example
  deny 0.0.0.0/0
`;

const APP = "https://app.example";
const OTHER = "https://other.example:8443";
const EXPOSED = "Accept-Ranges, Content-Encoding, Content-Range, Date, ETag, Retry-After";

/** The fields that have to do with origins, by their names without `Access-Control-`. */
function corsFields({ fields }: RawResponse): Record<string, string> {
  const entries = fields.filter(([name]) => /^(?:access-control-|vary$)/i.test(name))
    .map(([name, value]) => [name, value.replace(/^Accept-Encoding(?:, |$)/, "")] as const).filter(([, value]) =>
      value !== ""
    );
  return Object.fromEntries(entries.map(([name, value]) => [name.replace("Access-Control-", ""), value]));
}

const FOR_ALL = { "Allow-Origin": "*", "Expose-Headers": EXPOSED };

function forOne(origin: string): Record<string, string> {
  return { Vary: "Origin", "Allow-Origin": origin, "Allow-Credentials": "true", "Expose-Headers": EXPOSED };
}

/** A request for each kind of answer. */
const KINDS: readonly (readonly [request: string, fields: Record<string, string>, status: number])[] = [
  ["/docs/plain.txt", {}, 200],
  ["HEAD /docs/plain.txt", {}, 200],
  ["/docs/plain.txt", { "If-None-Match": "*" }, 304],
  ["/docs/plain.txt", { Range: "bytes=0-0" }, 206],
  ["/docs/plain.txt", { Range: "bytes=0-0,2-2" }, 206],
  ["/docs", {}, 301],
  ["/missing", {}, 404],
  ["POST /", {}, 405],
  ["/docs/plain.txt", { "If-Match": '"x"' }, 412],
  ["/docs/plain.txt", { Range: "bytes=99-" }, 416],
  ["PURGE /", {}, 501],
  ["OPTIONS /", {}, 200],
];

Deno.test("cors *: every answer may be read by every origin, with and without Origin, and never with credentials", async () => {
  await withHosts(async (ask) => {
    for (const [request, fields, status] of KINDS) {
      for (const origin of [{}, { Origin: APP }, { Origin: "null" }]) {
        const response = await ask(request, { Host: "all", ...fields, ...origin });
        assertEquals([response.status, corsFields(response)], [status, FOR_ALL], request);
      }
    }
  }, { conf: CONF });
});

Deno.test("cors with a list: every answer says that it depends on Origin, and names the one that asks", async () => {
  await withHosts(async (ask) => {
    for (const [request, fields, status] of KINDS) {
      for (
        const [origin, allowed] of [
          [{}, { Vary: "Origin" }],
          [{ Origin: APP }, forOne(APP)],
          [{ Origin: OTHER }, forOne(OTHER)],
          [{ Origin: "https://evil.example" }, { Vary: "Origin" }],
          [{}, { Vary: "Origin" }],
        ] as const
      ) {
        const response = await ask(request, { Host: "list", ...fields, ...origin });
        assertEquals([response.status, corsFields(response)], [status, allowed], request);
      }
    }
  }, { conf: CONF });
});

Deno.test("cors with a list: an origin is what is listed, exactly", async () => {
  await withHosts(async (ask) => {
    for (
      const origin of [
        "null",
        "*",
        "",
        "https://APP.example",
        "http://app.example",
        "https://app.example:443",
        "https://app.example/",
        "https://app.example.evil.example",
        "https://sub.app.example",
        `${APP}, ${APP}`,
        "__proto__",
      ]
    ) {
      assertEquals(corsFields(await ask("/", { Host: "list", Origin: origin })), { Vary: "Origin" }, origin);
    }
  }, { conf: CONF });
});

Deno.test("a host without cors says nothing of origins, though another host of the same root does", async () => {
  await withHosts(async (ask) => {
    for (const host of ["list", "none", "all", "none"]) {
      const response = await ask("/docs/plain.txt", { Host: host, Origin: APP });
      const expected = { list: forOne(APP), all: FOR_ALL, none: {} }[host]!;
      assertEquals([response.text, corsFields(response)], ["docs plain", expected]);
    }
  }, { conf: CONF });
});

const PREFLIGHT = { Origin: APP, "Access-Control-Request-Method": "GET" };

Deno.test("cors: a preflight gets 204 without content, also where an address or a password would be asked for", async () => {
  await withHosts(async (ask) => {
    for (const host of ["list", "closed", "far"]) {
      const response = await ask("OPTIONS /secret/a.txt", {
        Host: host,
        ...PREFLIGHT,
        "Access-Control-Request-Headers": "authorization,range",
      });
      assertEquals([response.status, response.text, response.field("content-length")], [204, "", undefined]);
      assertEquals(corsFields(response), {
        ...forOne(APP),
        Vary: "Access-Control-Request-Headers, Origin",
        "Allow-Methods": "GET, HEAD",
        "Allow-Headers": "authorization,range",
        "Max-Age": "7200",
      });
    }
    const [closed, far] = [
      await ask("/", { Host: "closed", Origin: APP }),
      await ask("/", { Host: "far", Origin: APP }),
    ];
    assertEquals([closed.status, corsFields(closed)], [401, forOne(APP)]);
    assertEquals([far.status, corsFields(far)], [403, forOne(APP)]);
    const opened = await ask("/", { Host: "closed", Origin: APP, Authorization: ALICE });
    assertEquals([opened.status, corsFields(opened)], [200, forOne(APP)]);
  }, { conf: CONF });
});

Deno.test("cors: a preflight is the same for every path, whether or not there is a file", async () => {
  await withHosts(async (ask) => {
    const answers = new Set<string>();
    for (const target of ["/", "/secret/a.txt", "/missing", "/docs", "/.env"]) {
      const { status, fields } = await ask(`OPTIONS ${target}`, { Host: "closed", ...PREFLIGHT });
      answers.add(JSON.stringify([status, fields.filter(([name]) => name !== "Date")]));
    }
    assertEquals(answers.size, 1);
  }, { conf: CONF });
});

Deno.test("cors: a preflight of another origin is not allowed anything", async () => {
  await withHosts(async (ask) => {
    const response = await ask("OPTIONS /", { Host: "list", ...PREFLIGHT, Origin: "https://evil.example" });
    const { "Allow-Origin": origin, "Allow-Credentials": credentials } = corsFields(response);
    assertEquals([response.status, origin, credentials], [204, undefined, undefined]);
    assertEquals((await ask("OPTIONS /", { Host: "none", ...PREFLIGHT })).status, 200);
  }, { conf: CONF });
});

Deno.test("cors: a preflight repeats only names of fields", async () => {
  await withHosts(async (ask) => {
    for (
      const [names, allowed] of [
        ["x-a, X-B ,\tx-c", "x-a, X-B ,\tx-c"],
        ["x a", undefined],
        ["x-a,,x-b", undefined],
        ["x-\u00e4", undefined],
        ["x".repeat(1025), undefined],
      ]
    ) {
      const fields = { Host: "all", ...PREFLIGHT, "Access-Control-Request-Headers": names! };
      assertEquals(corsFields(await ask("OPTIONS /", fields))["Allow-Headers"], allowed);
    }
  }, { conf: CONF });
});

Deno.test("cors: Vary of a header line and of a fallback stand beside Origin", async () => {
  const conf = `host a ROOT\n  cors ${APP}\n  header ** Vary X-Theme\n  fallback /index.html\n`;
  await withHosts(async (ask) => {
    assertEquals((await ask("/docs/plain.txt")).field("vary"), "Accept-Encoding, X-Theme, Origin");
    assertEquals((await ask("/deep", { Accept: "text/html" })).text, "index");
    const vary = (await ask("/deep", { Accept: "text/html", Origin: APP })).field("vary")!.split(", ");
    assertEquals(vary.toSorted(), ["Accept", "Accept-Encoding", "Origin", "X-Theme"]);
  }, { conf });
});

Deno.test("cors: a line of a host replaces that for every host, and none takes it away", async () => {
  const conf = `cors *\nhost a ROOT\n  cors ${APP}\nhost b ROOT\n  cors none\nhost c ROOT\n`;
  await withHosts(async (ask) => {
    const all = [];
    for (const host of ["a", "b", "c"]) all.push(corsFields(await ask("/", { Host: host }))["Allow-Origin"]);
    assertEquals(all, [undefined, undefined, "*"]);
  }, { conf, files: FILES, secrets: SECRETS });
});
