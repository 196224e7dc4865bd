/**
 * What a configuration implies that a worker may do, and what lies outside of it.
 */

import { assertEquals } from "@std/assert";
import type { Config, PasswordFile } from "../../src/config/config.ts";
import { allowFlags, type Granted, type Permissions, permit } from "../../src/config/permissions.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { deniedReason, pathsOutside, rootRemark } from "../../src/config/roots.ts";
import {
  addressesOf,
  adminPermissions,
  buildPermissions,
  processPermissions,
  workerPermissions,
} from "../../src/process/scope.ts";

function configOf(text: string): Config {
  return parseConfig(text, "web.conf").config;
}

function readOf(text: string): Granted {
  return workerPermissions(configOf(text)).read;
}

function namesOf(granted: Granted): readonly string[] | "everything" {
  return granted === "everything" ? granted : granted.map(({ what }) => what);
}

Deno.test("workerPermissions() grants each root with its line, and the address, and nothing of any other kind", () => {
  const text = "host default www\nhost a /srv/a\nparameter port 9000\nparameter address 127.0.0.1";
  assertEquals(
    workerPermissions(configOf(text)),
    permit({
      read: [{ what: "www", origin: "web.conf:1" }, { what: "/srv/a", origin: "web.conf:2" }],
      net: [{ what: "127.0.0.1:9000", origin: "web.conf:4, web.conf:3" }],
    }),
  );
});

Deno.test("workerPermissions() names the port that was settled", () => {
  const config = configOf("host default www\nparameter port 0");
  const addresses = [{ hostname: "::", port: 41234 }, { hostname: "192.0.2.1", port: 80 }];
  assertEquals(namesOf(workerPermissions(config, { addresses }).net), ["[::]:41234", "192.0.2.1:80"]);
  assertEquals(namesOf(workerPermissions(config).net), ["[::]", "0.0.0.0"]);
});

const GUARDED =
  "auth A staff\nhost default www\n  auth B other /x/**\nhost b www\n  auth C other\nhost c www\n  auth none\n";

Deno.test("processPermissions() names the password files that hold for a host, each with its lines, and workers get none", () => {
  assertEquals(processPermissions(configOf(GUARDED), "web.conf").read, [
    { what: "web.conf", origin: "configuration" },
    { what: "other", origin: "web.conf:3, web.conf:5" },
    { what: "staff", origin: "web.conf:1" },
    { what: "www", origin: "web.conf:2, web.conf:4, web.conf:6" },
  ]);
  assertEquals(namesOf(readOf(GUARDED)), ["www"]);
  assertEquals(namesOf(processPermissions(configOf("auth A staff\nhost a www\nauth none"), null).read), ["www"]);
});

Deno.test("buildPermissions() lets a scoped binary read its password files, and an embedded one nothing", () => {
  const options = { file: "web.conf", lan: false };
  const read = (flavour: "scoped" | "embedded") => buildPermissions(configOf(GUARDED), { flavour, ...options }).read;
  assertEquals(namesOf(read("scoped")), ["web.conf", "other", "staff", "www"]);
  assertEquals(read("embedded"), []);
});

Deno.test("addressesOf() takes :: for 0.0.0.0, too, because a system without IPv6 has only that", () => {
  assertEquals(addressesOf(configOf("")), [{ hostname: "::", port: 8080 }, { hostname: "0.0.0.0", port: 8080 }]);
  assertEquals(addressesOf(configOf("parameter address ::1")), [{ hostname: "::1", port: 8080 }]);
});

Deno.test("workerPermissions() names the root that counts when a host is given twice", () => {
  assertEquals(readOf("host a old\nhost a new"), [{ what: "new", origin: "web.conf:2" }]);
});

Deno.test("workerPermissions() does not grant again what lies inside another root, and names the lines of both", () => {
  assertEquals(readOf("host a www/a/b\nhost b www/\nhost c ./www/c/../d\nhost d wwwx\nhost e /www"), [
    { what: "www/", origin: "web.conf:1, web.conf:2, web.conf:3" },
    { what: "wwwx", origin: "web.conf:4" },
    { what: "/www", origin: "web.conf:5" },
  ]);
  assertEquals(namesOf(readOf("host a /srv/a\nhost b /\nhost c www")), ["/", "www"]);
  assertEquals(namesOf(readOf("host a .\nhost b www\nhost c ../x")), [".", "../x"]);
});

Deno.test("workerPermissions() names three lines, and how many more there are", () => {
  const hosts = Array.from({ length: 10 }, (_, number) => `host h${number} www`).join("\n");
  assertEquals(readOf(hosts), [{ what: "www", origin: "web.conf:1, web.conf:2, web.conf:3 and 7 more" }]);
});

const NO_PASSWORDS: PasswordFile = { written: "staff", path: "staff", users: [], places: [], stamp: "" };

function hostsIn(folder: string, count: number): string {
  return Array.from({ length: count }, (_, number) => `host h${number} ${folder}/${number}\n`).join("");
}

Deno.test("workerPermissions() grants the folder of more than 64 roots in place of each root", () => {
  assertEquals(namesOf(readOf(hostsIn("/srv/hosts", 64))).length, 64);
  assertEquals(readOf(`${hostsIn("/srv/hosts", 65)}host a /srv/a\nhost b /srv/hosts/0/below\n`), [
    { what: "/srv/hosts", origin: "web.conf:1, web.conf:2, web.conf:3 and 63 more" },
    { what: "/srv/a", origin: "web.conf:66" },
  ]);
  assertEquals(namesOf(readOf(hostsIn("sites/all", 65))), ["sites/all"]);
  // Hosts that share a root are one root.
  assertEquals(namesOf(readOf(hostsIn("/srv/hosts", 64) + "host again /srv/hosts/0\n")).length, 64);
});

Deno.test("workerPermissions() never grants the whole disk for its roots, or a folder that the names do not tell", () => {
  for (const folder of ["", ".", "..", "../.."]) {
    const hosts = Array.from({ length: 65 }, (_, number) => `host h${number} ${folder}/r${number}\n`).join("");
    assertEquals(namesOf(readOf(hosts)).length, 65, folder);
  }
});

Deno.test("workerPermissions() grants no folder that contains a log file, a password file or the configuration", () => {
  const hosts = hostsIn("/srv/hosts", 65);
  assertEquals(namesOf(readOf(`${hosts}log /srv/hosts/access.log\n`)).length, 65);
  const config = configOf(hosts);
  const passwords = [{ ...NO_PASSWORDS, path: "/srv/hosts/staff" }];
  assertEquals(namesOf(workerPermissions({ ...config, passwords }).read).length, 65);
  assertEquals(namesOf(workerPermissions(config, { file: "/srv/hosts/web.conf" }).read).length, 65);
  assertEquals(namesOf(workerPermissions(config, { file: "/srv/web.conf" }).read), ["/srv/hosts"]);
});

Deno.test("workerPermissions() grants each root if the process may not read their folder", () => {
  const config = configOf(hostsIn("/srv/hosts", 65));
  const isGivable = ({ read }: Permissions) => read !== "everything" && read.every(({ what }) => what !== "/srv/hosts");
  assertEquals(namesOf(workerPermissions(config, { isGivable }).read).length, 65);
});

Deno.test("buildPermissions() of a scoped binary read the folder of more than 64 roots, and its start needs only each", () => {
  const config = configOf(hostsIn("/srv/hosts", 65));
  const built = buildPermissions(config, { flavour: "scoped", file: "web.conf", lan: false });
  assertEquals(namesOf(built.read), ["web.conf", "/srv/hosts"]);
  assertEquals(namesOf(processPermissions(config, null).read).length, 65);
});

Deno.test("workerPermissions() of no hosts reads nothing", () => {
  assertEquals(readOf(""), []);
});

Deno.test("processPermissions() are the workers', and to read the configuration", () => {
  const config = configOf("host default www\nhost a www/a");
  const { read, net } = processPermissions(config, "web.conf");
  assertEquals([namesOf(read), namesOf(net)], [["web.conf", "www"], ["[::]:8080", "0.0.0.0:8080"]]);
  assertEquals(processPermissions(config, null), workerPermissions(config));
});

const HOSTS = 'host default www\nhost a.org /srv/a\nhost b.org "my photos"\n';

Deno.test("buildPermissions() of a scoped binary are the process's, and the addresses of the machine where wanted", () => {
  const scoped = (lan: boolean) => buildPermissions(configOf(HOSTS), { flavour: "scoped", file: "my.conf", lan });
  assertEquals(namesOf(scoped(true).read), ["my.conf", "www", "/srv/a", "my photos"]);
  assertEquals([namesOf(scoped(true).sys), namesOf(scoped(false).sys)], [
    ["networkInterfaces", "systemMemoryInfo"],
    ["systemMemoryInfo"],
  ]);
  const fixed = configOf(`${HOSTS}parameter cache 64\n`);
  assertEquals(buildPermissions(fixed, { flavour: "scoped", file: "my.conf", lan: false }).sys, []);
  const portable = buildPermissions(fixed, { flavour: "portable", file: "my.conf", lan: false });
  assertEquals(namesOf(portable.sys), ["systemMemoryInfo"]);
});

Deno.test("buildPermissions() of port 0 are any port of the address, because which it will be is not known", () => {
  const config = configOf("host default www\nparameter port 0");
  const { net } = buildPermissions(config, { flavour: "scoped", file: "web.conf", lan: true });
  assertEquals(namesOf(net), ["[::]", "0.0.0.0"]);
});

Deno.test("only the process writes log files, exactly those that are named, and only the admin worker listens there", () => {
  const text =
    "parameter access-log a.log\nparameter error-log e.log\nparameter admin 9090\nhost default www\nhost x www\nlog a.log\n";
  const { config } = parseConfig(text, "web.conf");
  const process = processPermissions(config, "web.conf");
  assertEquals(process.write, [
    { what: "a.log", origin: "web.conf:1, web.conf:6" },
    { what: "e.log", origin: "web.conf:2" },
  ]);
  assertEquals(namesOf(process.net), ["[::]:8080", "0.0.0.0:8080", "127.0.0.1:9090"]);
  const worker = workerPermissions(config);
  assertEquals([worker.write, namesOf(worker.net)], [[], ["[::]:8080", "0.0.0.0:8080"]]);
  assertEquals(adminPermissions(config), permit({ net: [{ what: "127.0.0.1:9090", origin: "web.conf:3" }] }));
  const scoped = buildPermissions(config, { flavour: "scoped", file: "web.conf", lan: false });
  assertEquals(allowFlags(scoped).slice(1), [
    "--allow-write=a.log,e.log",
    "--allow-net=[::]:8080,0.0.0.0:8080,127.0.0.1:9090",
    "--allow-sys=systemMemoryInfo",
  ]);
});

Deno.test("buildPermissions() of an embedded site read nothing, of a portable binary everything, and write only logs", () => {
  const permissions = (flavour: "embedded" | "portable") =>
    buildPermissions(configOf(HOSTS), { flavour, file: "web.conf", lan: false });
  assertEquals(
    permissions("portable"),
    permit({
      read: "everything",
      write: [{ what: "/var/log/sweepd", origin: "log files" }],
      net: "everything",
      sys: [{ what: "systemMemoryInfo", origin: "cache auto" }],
    }),
  );
  assertEquals(namesOf(permissions("embedded").read), []);
  assertEquals(namesOf(permissions("embedded").net), ["[::]:8080", "0.0.0.0:8080"]);
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

Deno.test("deniedReason() knows what the runtime closes on each platform, and what only looks alike", () => {
  const closed = (os: "linux" | "darwin" | "windows", ...places: readonly string[]) =>
    places.filter((place) => deniedReason(place, os) !== null);
  const all = ["/dev", "/dev/shm/www", "/proc/self/cwd", "/sys", "/device", "/srv/dev", "/"];
  assertEquals(closed("linux", ...all), ["/dev", "/dev/shm/www", "/proc/self/cwd", "/sys"]);
  assertEquals(closed("darwin", ...all), ["/dev", "/dev/shm/www"]);
  const windows = ["C:\\www", "\\\\server\\www", "\\\\?\\C:\\www", "\\\\.\\pipe\\x"];
  assertEquals(closed("windows", ...windows), ["\\\\server\\www", "\\\\.\\pipe\\x"]);
});
