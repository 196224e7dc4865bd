/**
 * What the server says of itself when it starts.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defaultConfig, type HostEntry } from "../../src/config/config.ts";
import { banner, bannerMessage, type BannerOptions } from "../../src/process/banner.ts";
import { workerPermissions } from "../../src/process/scope.ts";
import { VERSION } from "../../src/version.ts";

function host(name: string, root: string, line: number): HostEntry {
  return { name, root, origin: { kind: "file", file: "web.conf", line }, settings: {} };
}

const HERE = { url: "http://localhost:8080/", why: "for this machine", isLocal: true };

function optionsOf(hosts: readonly HostEntry[], changes: Partial<BannerOptions> = {}): BannerOptions {
  const config = { ...defaultConfig(), hosts };
  const address = { hostname: "::", port: 8080 };
  return {
    admin: null,
    source: "/home/lab/web.conf",
    withoutIndex: [],
    config,
    address,
    addresses: [changes.address ?? address],
    permissions: workerPermissions(config, { addresses: [address] }),
    workers: 2,
    freeBytes: 1024 ** 3,
    pid: 4711,
    invitations: [HERE],
    qr: null,
    notes: [],
    process: "was given read everything; it accepts no connections",
    debug: false,
    colour: false,
    columns: 0,
    ...changes,
  };
}

const HOSTS = [host("default", "www", 3), host("localhost", "/srv/www", 4)];

Deno.test("banner() begins with the address to give away, then tells one fact a line", () => {
  const first = { url: "http://192.0.2.7:8080/", why: "eth0 is a network card", isLocal: false };
  const last = { url: "http://[2001:db8::7]:8080/", why: "wg0 is a tunnel", isLocal: false };
  assertEquals(
    banner(optionsOf(HOSTS, { invitations: [first, HERE, last] })),
    `sweepd ${VERSION}

    http://192.0.2.7:8080/

  why this one  eth0 is a network card
  also open     http://localhost:8080/ for this machine
                http://[2001:db8::7]:8080/ wg0 is a tunnel
  configuration /home/lab/web.conf
  host          default -> www (web.conf:3)
                localhost -> /srv/www (web.conf:4)
  workers       2 on [::]:8080, supervised by process 4711
  cache         128 MiB of memory for each of 2 workers, because 1024 MiB are free (default)
  may read      www (web.conf:3)
                /srv/www (web.conf:4)
  may listen    [::]:8080 (default)
  may write     nothing
  nothing else  no other network, no environment, no facts about this machine, no programs, no native code, no code from elsewhere
  sandbox       tested: each worker tried to do more, and was denied
  process       was given read everything; it accepts no connections
Ctrl-C ends it.
`,
  );
});

Deno.test("banner() breaks lines at the width of a terminal, but no paths", () => {
  const root = `/srv/${"long name ".repeat(9)}`;
  const text = banner(optionsOf([host("default", root, 1)], { columns: 80, process: "was given everything" }));
  assertStringIncludes(
    text,
    "  nothing else  no other network, no environment, no facts about this machine,\n" +
      "                no programs, no native code, no code from elsewhere\n",
  );
  assertStringIncludes(text, `  host          default -> ${root} (web.conf:1)\n`);
  const long = text.split("\n").filter((line) => line.length > 79 && !line.includes(root));
  assertEquals(long, []);
});

Deno.test("banner() shows a QR code below its address", () => {
  const text = banner(optionsOf(HOSTS, { qr: "CODE\nCODE" }));
  assertStringIncludes(text, "    http://localhost:8080/\n\nCODE\nCODE\n\n  why this one  for this machine\n");
});

Deno.test("banner() tells what is different from what the user asked for", () => {
  const text = banner(optionsOf(HOSTS, { notes: ["port 8080 is taken"] }));
  assertStringIncludes(text, "  note          port 8080 is taken\n");
});

Deno.test("banner() warns that an address with a number is not answered if there is no default host", () => {
  const note = "  note          there is no default host, so only these names are answered: a.test, b.test\n";
  assertStringIncludes(banner(optionsOf([host("a.test", "www", 1), host("b.test", "www", 2)])), note);
  assert(!banner(optionsOf(HOSTS)).includes("no default host"));
});

Deno.test("banner() names a root once that several hosts share, with all their lines", () => {
  const text = banner(optionsOf([host("a", "www", 1), host("b", "www", 2)]));
  assertStringIncludes(text, "  may read      www (web.conf:1, web.conf:2)\n");
});

Deno.test("banner() lists twenty hosts, and says how many more there are", () => {
  const text = banner(optionsOf(Array.from({ length: 10_000 }, (_, number) => host(`h${number}`, "www", number + 1))));
  assertStringIncludes(text, "h19 -> www (web.conf:20)\n                and 9980 more; sweepd check lists them\n");
  assertEquals(text.includes("h20 "), false);
});

Deno.test("banner() says that nothing may be read where there are no hosts", () => {
  assertStringIncludes(banner(optionsOf([])), "  may read      nothing\n");
});

Deno.test("banner() of -d tells the limits", () => {
  const text = banner(optionsOf(HOSTS, { debug: true }));
  assertStringIncludes(text, "  limits        10000 connections a worker, 1024 more in the backlog\n");
});

Deno.test("banner() is coloured only when it may be", () => {
  assert(banner(optionsOf(HOSTS, { colour: true })).includes("\x1b["));
  assert(!banner(optionsOf(HOSTS)).includes("\x1b"));
});

Deno.test("banner() says of a host that its root has no index", () => {
  const text = banner(optionsOf(HOSTS, { withoutIndex: ["localhost"] }));
  assertStringIncludes(text, "                localhost -> /srv/www (web.conf:4), without an index\n");
  assertStringIncludes(text, "  host          default -> www (web.conf:3)\n");
  const note = "the root of host localhost has no index and listing is off, so / gets 404; ";
  assertStringIncludes(text, `  note          ${note}"listing on" shows its files\n`);
});

Deno.test("banner() is bounded, however many roots and addresses there are, and however long they are", () => {
  const hosts = Array.from({ length: 10_000 }, (_, number) => host(`h${number}`, `/${number}/${"x".repeat(4000)}`, 1));
  const invitations: BannerOptions["invitations"] = [HERE, ...Array.from({ length: 1000 }, () => HERE)];
  const text = banner(optionsOf(hosts, { invitations, process: "x".repeat(100_000) }));
  assert(text.length < 20_000, `${text.length}`);
  assert(text.split("\n").length < 80);
  assertStringIncludes(text, "                and 9980 more; sweepd check lists them\n  may listen ");
  const line = JSON.stringify(bannerMessage(optionsOf(hosts, { invitations })));
  assert(line.length < 300_000, `${line.length}`);
});

Deno.test("banner() lets no word of web.conf steer a terminal", () => {
  const text = banner(optionsOf([host("default", "www\x1b[31m\x9b", 1)], { source: "\x1b]0;title\x07" }));
  assert(!/[^\P{Cc}\n]/u.test(text), JSON.stringify(text));
});

Deno.test("bannerMessage() is plain data with the same facts", () => {
  const { fields: value, ...message } = JSON.parse(JSON.stringify(bannerMessage(optionsOf(HOSTS))));
  assertEquals(message, { level: "info", event: "listening", message: "listening on http://localhost:8080/" });
  assertEquals([value.version, value.pid, value.workers, value.hostCount], [VERSION, 4711, 2, 2]);
  assertEquals(value.hosts[0], { name: "default", root: "www", origin: "web.conf:3" });
  assertEquals(value.permissions.read[1], { what: "/srv/www", origin: "web.conf:4" });
  assertEquals(value.urls, ["http://localhost:8080/"]);
});

Deno.test("VERSION is the one of deno.json", async () => {
  const manifest = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assertEquals(VERSION, manifest.version);
});
