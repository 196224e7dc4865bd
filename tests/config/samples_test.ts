/** Real configuration files of this format: each loads without diagnostics and has its original meaning. */

import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";

/** The media lines that are in nearly all samples. */
const COMMON_MEDIA = {
  txt: "text/plain",
  html: "text/html",
  jpg: "image/jpeg",
  gif: "image/gif",
  png: "image/png",
  pdf: "application/pdf",
};

interface Meaning {
  readonly hosts: Readonly<Record<string, string>>;
  /** Media types in addition to `COMMON_MEDIA`. */
  readonly media?: Readonly<Record<string, string>>;
  readonly timeout: number;
}

const SAMPLES: Readonly<Record<string, Meaning>> = {
  "bradenhc-http.conf": { hosts: { localhost: "www" }, timeout: 5 }, // The file has no parameter line.
  "camhart.conf": { hosts: { default: "/tmp/web2", "carmelo.cs.byu.edu": "/tmp/web1" }, timeout: 5 },
  "chodyo.conf": {
    hosts: { default: "../.." },
    media: { mp4: "video/mp4", js: "text/javascript" },
    timeout: 10,
  },
  "danetb.conf": { hosts: { default: "web", localhost: "web" }, timeout: 5 },
  "drekswerver-2016.conf": { hosts: { localhost: "web" }, timeout: 1 },
  "drekswerver-8b9ccb8.conf": { hosts: { default: "/tmp/web1", localhost: "/tmp/web2" }, timeout: 1 },
  "keith-mcqueen.conf": {
    hosts: { default: "/home/parallels/School/CS-360/sample-code/web-server-testing" },
    timeout: 1,
  },
  "l3370x.conf": {
    hosts: { default: "www", localhost: "/users/home1/guest/a/aaronm3/webRoot/" },
    media: { py: "text/x-script.python", cgi: "text/html" },
    timeout: 1,
  },
  "mdko-517b018.conf": { hosts: { localhost: "web", default: "www" }, timeout: 1 },
  "rachel-lab4.conf": {
    hosts: { default: "/users/guest/a/adamjc/workspace/CS360/lab4", "carmelo.cs.byu.edu": "/tmp/web2" },
    timeout: 1,
  },
  "spiffy46-lab4.conf": { hosts: { default: "web", localhost: "web" }, timeout: 1 },
  "tsaichihhan.conf": { hosts: { default: "web" }, timeout: 10 },
  "zappala-config-tgz.conf": {
    hosts: { "carmelo.cs.byu.edu": "/tmp/web1", localhost: "/tmp/web2" },
    media: { py: "text/x-script.python" },
    timeout: 1,
  },
  "zappala-fall2012.conf": { hosts: { default: "www" }, media: { py: "text/x-script.python" }, timeout: 1 },
};

async function readSample(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(`samples/${name}`, import.meta.url));
}

for (const [name, meaning] of Object.entries(SAMPLES)) {
  for (
    const [form, convert] of [
      ["unchanged", (text: string) => text],
      ["with CR LF line ends", (text: string) => text.replaceAll("\n", "\r\n")],
      ["with tabs for blanks", (text: string) => text.replaceAll(" ", "\t")],
      ["with a final line end and without", (text: string) => text.endsWith("\n") ? text.trimEnd() : `${text}\n`],
    ] as const
  ) {
    Deno.test(`parseConfig() reads ${name} ${form}`, async () => {
      const { config, diagnostics } = parseConfig(convert(await readSample(name)), name);
      assertEquals(diagnostics, []);
      assertEquals(config.hosts.map(({ name, root }) => [name, root]), Object.entries(meaning.hosts));
      assertEquals(
        Object.fromEntries(config.media.map(({ extension, type }) => [extension, type])),
        { ...COMMON_MEDIA, ...meaning.media },
      );
      assertEquals(config.parameters.timeout.value, meaning.timeout);
      assertEquals(config.parameters.port, { value: 8080, origin: { kind: "default" } });
    });
  }
}

Deno.test("the samples are all files of the folder, and still have their irregularities", async () => {
  const names = Array.from(Deno.readDirSync(new URL("samples", import.meta.url)), ({ name }) => name);
  assertEquals(names.sort(), Object.keys(SAMPLES).sort());
  const texts = await Promise.all(names.map(readSample));
  assertEquals(texts.some((text) => !text.endsWith("\n")), true, "no final line end");
  assertEquals(texts.some((text) => /[ \t]$/m.test(text)), true, "a trailing blank");
  assertEquals(texts.some((text) => text.includes("\n\n\n")), true, "two empty lines in succession");
});
