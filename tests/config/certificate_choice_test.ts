/**
 * Which certificate a client gets, and which hosts it may ask for with it.
 */

import { assertEquals } from "@std/assert";
import { certificateChooser, coversHost, describeCertificate } from "../../src/config/certificate_choice.ts";
import type { Certificate, Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/parse.ts";

function certificate(name: string | null, ...names: readonly string[]): Certificate {
  return {
    written: name === null ? null : { cert: `${name}.pem`, key: `${name}.key` },
    certificate: "",
    key: "",
    names,
    beginsMs: 0,
    expiresMs: Date.UTC(2027, 0, 1),
    fingerprint: "AA:BB",
    places: [],
    stamps: [],
  };
}

function configOf(text: string, certificates: readonly Certificate[]): Config {
  return { ...parseConfig(text, "web.conf").config, certificates };
}

/** The names of the files that the server names get. */
function chosen(config: Config, ...serverNames: readonly string[]): (string | undefined)[] {
  const choose = certificateChooser(config);
  return serverNames.map((name) => choose(name)?.written?.cert.replace(".pem", ""));
}

const ALL = [certificate("main", "main.org"), certificate("lab", "*.lab.org"), certificate("deep", "x.deep.lab.org")];

Deno.test("the host of a server name decides: an exact one, then the longest wildcard, then the default", () => {
  const text = "host default a\ncertificate main.pem main.key\nhost *.lab.org b\ncertificate lab.pem lab.key\n" +
    "host x.deep.lab.org c\ncertificate deep.pem deep.key";
  const config = configOf(text, ALL);
  const names = ["", "main.org", "a.lab.org", "x.deep.lab.org", "y.deep.lab.org", "other.org", "default"];
  assertEquals(chosen(config, ...names), ["main", "main", "lab", "deep", "lab", "main", "main"]);
});

Deno.test("a host without a certificate uses one that is valid for its name, or else the default's", () => {
  const text = "host first.org a\ncertificate main.pem main.key\nhost default b\ncertificate deep.pem deep.key\n" +
    "host *.lab.org c\nhost d.org d\nhost e.org e\ncertificate lab.pem lab.key";
  assertEquals(chosen(configOf(text, ALL), "a.lab.org", "d.org", ""), ["lab", "deep", "deep"]);
});

Deno.test("without a certificate of the default host, the first is for all others", () => {
  const text = "host default b\nhost first.org a\ncertificate main.pem main.key";
  assertEquals(chosen(configOf(text, [ALL[0]!]), "", "other.org"), ["main", "main"]);
  assertEquals(chosen(configOf("host default a", []), ""), [undefined]);
});

Deno.test("the server's own certificate covers every address, and others only those that they name", () => {
  const [own, other] = [certificate(null, "localhost"), certificate("main", "main.org", "192.0.2.1")];
  const hosts = ["localhost", "192.0.2.1", "198.51.100.1", "[2001:db8::1]", "other.org", "main.org"];
  assertEquals(hosts.map((host) => coversHost(own, host)), [true, true, true, true, false, false]);
  assertEquals(hosts.map((host) => coversHost(other, host)), [false, true, false, false, false, true]);
});

Deno.test("describeCertificate() names files and time, and for the own one the fingerprint", () => {
  assertEquals(describeCertificate(certificate("main", "a", "b", "c", "d", "e")).startsWith("main.pem for a, b"), true);
  assertEquals(describeCertificate(certificate(null, "localhost")).endsWith("fingerprint: AA:BB"), true);
});
