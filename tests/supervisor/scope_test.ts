/**
 * What a configuration implies that a worker may do, and what lies outside of it.
 */

import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import { pathsOutside, rootRemark } from "../../src/config/roots.ts";
import { permissionsOf, scopeOf } from "../../src/supervisor/scope.ts";

const ADDRESS = { hostname: "::", port: 9000 };

function scope(text: string) {
  return scopeOf(parseConfig(text, "web.conf").config, ADDRESS);
}

Deno.test("scopeOf() grants each root with its line, and the address", () => {
  assertEquals(scope("host default www\nhost a /srv/a\nparameter port 9000"), {
    read: [{ what: "www", origin: "web.conf:1" }, { what: "/srv/a", origin: "web.conf:2" }],
    listen: { what: "[::]:9000", origin: "web.conf:3" },
  });
});

Deno.test("scopeOf() names the root that counts when a host is given twice", () => {
  assertEquals(scope("host a old\nhost a new").read, [{ what: "new", origin: "web.conf:2" }]);
});

Deno.test("scopeOf() does not grant again what lies inside another root, and names the lines of both there", () => {
  assertEquals(scope("host a www/a/b\nhost b www/\nhost c ./www/c/../d\nhost d wwwx\nhost e /www").read, [
    { what: "www/", origin: "web.conf:1, web.conf:2, web.conf:3" },
    { what: "wwwx", origin: "web.conf:4" },
    { what: "/www", origin: "web.conf:5" },
  ]);
  assertEquals(scope("host a /srv/a\nhost b /\nhost c www").read.map(({ what }) => what), ["/", "www"]);
  assertEquals(scope("host a .\nhost b www\nhost c ../x").read.map(({ what }) => what), [".", "../x"]);
});

Deno.test("scopeOf() names three lines, and how many more there are", () => {
  const hosts = Array.from({ length: 10 }, (_, number) => `host h${number} www`).join("\n");
  assertEquals(scope(hosts).read, [{ what: "www", origin: "web.conf:1, web.conf:2, web.conf:3 and 7 more" }]);
});

Deno.test("permissionsOf() grants reading the roots and listening, and denies every other kind", () => {
  assertEquals(permissionsOf(scope("host default www")), {
    read: ["www"],
    net: ["[::]:9000"],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
    write: false,
  });
});

Deno.test("permissionsOf() of no hosts reads nothing", () => {
  assertEquals(permissionsOf(scope("")).read, []);
});

Deno.test("pathsOutside() takes the whole disk and the configuration, unless a root holds them", () => {
  assertEquals(pathsOutside(["www"], ["./web.conf"], "/home/lab"), ["/", "./web.conf"]);
  assertEquals(pathsOutside(["."], ["./web.conf"], "/home/lab"), ["/"]);
  assertEquals(pathsOutside(["/home"], ["./web.conf"], "/home/lab"), ["/"]);
  assertEquals(pathsOutside(["/"], ["./web.conf"], "/home/lab"), []);
  assertEquals(pathsOutside(["/home/laboratory"], ["./web.conf"], "/home/lab"), ["/", "./web.conf"]);
});

Deno.test("rootRemark() speaks of roots that reach further than their owner may think", () => {
  assertEquals(rootRemark("/", null, "/home/lab"), "is the whole disk");
  assertEquals(rootRemark("../..", null, "/home/lab"), "is the whole disk");
  assertEquals(rootRemark(".", "web.conf", "/home/lab"), "contains web.conf, which anyone can then read");
  assertEquals(rootRemark("www", "web.conf", "/home/lab"), null);
});
