/**
 * The certificates of a configuration: what is read, and what is said of them.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { issueOwn } from "../../src/certificates/issue.ts";
import { expiryRemark } from "../../src/config/certificates.ts";
import { describeChanges } from "../../src/config/changes.ts";
import { loadConfig, type Loaded } from "../../src/config/load.ts";
import { TempFolder } from "../temp_folder.ts";

const DAY_MS = 86_400_000;

/** RSA with 1024 bits, made by openssl for this test. */
const SHORT_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICETCCAXqgAwIBAgIUVOoQZlxYmiIk9C4WoQwiiYf8US0wDQYJKoZIhvcNAQEL
BQAwETEPMA0GA1UEAwwGYS50ZXN0MB4XDTI2MTEyODAyMDExOFoXDTI2MTIyODAy
MDExOFowETEPMA0GA1UEAwwGYS50ZXN0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB
iQKBgQC7uxzbK0g8G32z62mYvqahLHXr6wM6Yi6QuEimZ4+HLjUNY1LO98IDotjH
sBYm/AXHnzo/ZcFAb1Jixd2vinnHQSMTN/cSkOEduCHWXj3yhU+23kn0qI5HJ7qO
EelH4Tk/1WCyTPRKKk/vpivbfZdRC7+IQnttSSQE0ZwHiRipLwIDAQABo2YwZDAd
BgNVHQ4EFgQUpSyhVKzncBCNBRaKleJOwz0cxuowHwYDVR0jBBgwFoAUpSyhVKzn
cBCNBRaKleJOwz0cxuowDwYDVR0TAQH/BAUwAwEB/zARBgNVHREECjAIggZhLnRl
c3QwDQYJKoZIhvcNAQELBQADgYEAbiP+QvqJyfEg4XNSQR4DUC63mIiSr6GbRK1J
XGy8ZllvEqM9ReQPozYFBAAEiycFOO+xQKyhE0LkN2T1tWeSXixTFAjPoH9QBHS7
wM8HN0qLqPqCCkEDPE+cej39zPY/2weMKLutS+eidCBV+axDDrFVP6LxR4GliawA
5WCwN9I=
-----END CERTIFICATE-----
`;

const SHORT_KEY = `-----BEGIN PRIVATE KEY-----
MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBALu7HNsrSDwbfbPr
aZi+pqEsdevrAzpiLpC4SKZnj4cuNQ1jUs73wgOi2MewFib8BcefOj9lwUBvUmLF
3a+KecdBIxM39xKQ4R24IdZePfKFT7beSfSojkcnuo4R6UfhOT/VYLJM9EoqT++m
K9t9l1ELv4hCe21JJATRnAeJGKkvAgMBAAECgYBq8jqLJQoeq+6di9P5X0sf8Gsx
Pg31ua8bZNCGc+LROOKiQN4Q6BYP6jqi785+4P4N7cjKCxbftUty15PmB/Y9MNiO
YgHbBi1VHdx/BgAgWS8/9s4Q3FPwb9KakIx5wEgWyw7DRcoGkjCPgGnSeZgddzUo
P8lfScpHE4vNhi5MeQJBAPNz9cIoFcXfD1TOwbWy9P8if4hyxe18X7IU8/bpbTIC
NObusH+E0K/FYDnohPM+kW+EwoXsQrTyTKowGqBO50MCQQDFZ/lM254Xzxuez2xh
nyPi0LPjrk3rd4RoRpkMaGX7lKiYteMwlVCfyWQ9HPtOrmkYaNOfPfQUYsDlzW+f
DsmlAkBdKIRkNV6PhxmgxDVPyBkEADl5ByJCDBO6W1Y3p38HYdzIeZHEWhhZClgW
EKm/QrP4Tn75LD0ibI11mk62BTttAkB+sLfih5/yj8yeI2jfTg7t5htNJ/SCBfZI
Jebbe7TXvRRmzXS9HVbc9ZcLUapHWM/CBqSqMkyPOMGruijE3+yxAkAt0/CSk8fq
OgPlQiaOqEItTivNUBHbCP23+V1BIeChXaSJ/sOHmFmgEFqqXw0OjdGRd5gnPjKl
36q8K0RycmVK
-----END PRIVATE KEY-----
`;

async function withTempFolder(test: (folder: string) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  await test(folder.path);
}

/** Writes `name.pem` and `name.key`. */
async function write(folder: string, name: string, names: readonly string[], days = 60, nowMs = Date.now()) {
  const issued = await issueOwn({ commonName: name, names, nowMs, days });
  await Deno.writeTextFile(`${folder}/${name}.pem`, issued.certificate);
  await Deno.writeTextFile(`${folder}/${name}.key`, issued.key);
  return issued;
}

async function load(folder: string, text: string): Promise<Loaded> {
  await Deno.mkdir(`${folder}/www`, { recursive: true });
  await Deno.writeTextFile(`${folder}/web.conf`, text);
  const path = `${folder}/web.conf`;
  return await loadConfig({ kind: "file", path, name: "web.conf", folder }, { dir: null, config: null, overrides: [] });
}

function problems({ diagnostics }: Loaded): string[] {
  return diagnostics.map(({ line, severity, message }) => `${line} ${severity}: ${message}`);
}

Deno.test("a certificate is read with its names and its time, and never served", async () => {
  await withTempFolder(async (folder) => {
    const issued = await write(folder, "lab", ["lab.org", "*.lab.org"]);
    const loaded = await load(folder, "listen 8443 tls\nhost lab.org www\ncertificate lab.pem lab.key");
    assertEquals(problems(loaded), []);
    const [certificate] = loaded.config.certificates;
    assertEquals(certificate?.names, ["lab.org", "*.lab.org"]);
    assertEquals(certificate?.fingerprint, issued.fingerprint);
    assertEquals(certificate?.key, issued.key);
    const real = await Deno.realPath(folder);
    const places = certificate?.places.map(({ path }) => path) ?? [];
    for (const name of ["lab.pem", "lab.key"]) assertEquals(places.includes(`${real}/${name}`), true, name);
  });
});

Deno.test("a certificate that cannot be used is an error at its line", async () => {
  await withTempFolder(async (folder) => {
    await write(folder, "one", ["one.test"]);
    await write(folder, "two", ["two.test"]);
    await Deno.writeTextFile(
      `${folder}/locked.key`,
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    await Deno.writeTextFile(`${folder}/empty.pem`, "");
    const one = await Deno.readTextFile(`${folder}/one.pem`);
    await Deno.writeTextFile(`${folder}/cut.pem`, one + one.slice(0, 200));
    await Deno.writeTextFile(`${folder}/short.pem`, SHORT_CERTIFICATE);
    await Deno.writeTextFile(`${folder}/short.key`, SHORT_KEY);
    const cases: readonly (readonly [files: string, message: string])[] = [
      ["one.pem two.key", "two.key is not the key of one.pem"],
      ["one.pem locked.key", "locked.key is encrypted"],
      ["none.pem one.key", "cannot read none.pem"],
      ["one.pem one.pem", "one.pem has no private key in PEM"],
      ["empty.pem one.key", "empty.pem is not a PEM file"],
      ["one.key one.key", "one.key has no certificate in PEM"],
      ["cut.pem one.key", "cut.pem breaks off within a certificate"],
      ["short.pem short.key", "short.key is an RSA key of 1024 bits; make one of at least 2048"],
      ["www one.key", "is not a file"],
    ];
    for (const [files, message] of cases) {
      const [first = "", ...others] = problems(
        await load(folder, `listen 8443 tls\nhost default www\ncertificate ${files}`),
      );
      assertStringIncludes(first, "3 error: certificate: ");
      assertStringIncludes(first, message);
      assertEquals(others, [], files);
    }
  });
});

Deno.test("one file may hold a certificate and its key in any order, and a key may follow other blocks", async () => {
  await withTempFolder(async (folder) => {
    const { certificate, key } = await write(folder, "lab", ["lab.org"]);
    const parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    for (const text of [certificate + key, key + certificate, `Bag Attributes\n${parameters}${key}${certificate}`]) {
      await Deno.writeTextFile(`${folder}/all.pem`, text);
      const loaded = await load(folder, "listen 8443 tls\nhost lab.org www\ncertificate all.pem all.pem");
      assertEquals(problems(loaded), []);
      const [read] = loaded.config.certificates;
      assertEquals([read?.certificate.trim(), read?.key.trim()], [certificate.trim(), key.trim()]);
    }
  });
});

Deno.test("a certificate for another name, and one that expires soon, are warnings", async () => {
  await withTempFolder(async (folder) => {
    await write(folder, "lab", ["lab.org"]);
    await write(folder, "old", ["old.org"], 5);
    const text = "listen 8443 tls\nhost files.org www\ncertificate lab.pem lab.key\n" +
      "host old.org www\ncertificate old.pem old.key";
    const [name = "", time = "", ...others] = problems(await load(folder, text)).toSorted();
    assertEquals(name, '3 warning: certificate: lab.pem is for lab.org, but not for host "files.org"');
    assertStringIncludes(time, "5 warning: certificate: old.pem expires in 4 days, on ");
    assertEquals(others, []);
  });
});

Deno.test("expiryRemark() speaks of the past, the future and the last 14 days", async () => {
  const nowMs = Date.UTC(2026, 10, 28);
  const { expiresMs } = await issueOwn({ commonName: "a", names: ["a"], nowMs, days: 90 });
  const certificate = {
    written: { cert: "a.pem", key: "a.key" },
    certificate: "",
    key: "",
    names: [],
    beginsMs: nowMs,
    expiresMs,
    fingerprint: "",
    places: [],
    stamps: [],
  };
  const remarkAt = (ms: number) => expiryRemark(certificate, ms);
  assertEquals(remarkAt(nowMs - 1), "a.pem is valid only from 2026-11-28 on; check the clock of this machine");
  assertEquals(remarkAt(expiresMs - 14 * DAY_MS), null);
  assertEquals(
    remarkAt(expiresMs - 14 * DAY_MS + 1),
    "a.pem expires in 13 days, on 2027-02-26; renew it, then reload",
  );
  assertEquals(remarkAt(expiresMs), "a.pem expired on 2027-02-26; browsers refuse it, so renew it");
});

Deno.test("without a listener for TLS, a certificate is a warning and https redirect is an error", async () => {
  await withTempFolder(async (folder) => {
    await write(folder, "lab", ["lab.org"]);
    const text = "host default www\ncertificate lab.pem lab.key\nhttps redirect";
    assertEquals(problems(await load(folder, text)), [
      "2 warning: certificate: no listener speaks TLS; add a line like: listen 8443 tls",
      "3 error: https: no listener speaks TLS; add a line like: listen 8443 tls",
    ]);
  });
});

Deno.test("a host without a certificate is a warning where others have one, unless theirs is for it", async () => {
  await withTempFolder(async (folder) => {
    await write(folder, "lab", ["*.lab.org", "lab.org"]);
    const text = "listen 8443 tls\nhost default www\ncertificate lab.pem lab.key\nhost a.lab.org www\nhost b.org www";
    assertEquals(problems(await load(folder, text)), [
      '5 warning: certificate: host "b.org" has none, so browsers refuse it by https',
    ]);
  });
});

Deno.test("a renewed certificate is a change", async () => {
  await withTempFolder(async (folder) => {
    const text = "listen 8443 tls\nhost default www\ncertificate lab.pem lab.key";
    await write(folder, "lab", ["lab.org"], 60, Date.UTC(2026, 10, 1));
    const before = await load(folder, text);
    assertEquals(describeChanges(before.config, (await load(folder, text)).config), []);
    await write(folder, "lab", ["lab.org"], 60, Date.UTC(2026, 11, 1));
    assertEquals(describeChanges(before.config, (await load(folder, text)).config), [
      "certificate lab.pem altered: it is valid until 2027-01-30",
    ]);
  });
});
