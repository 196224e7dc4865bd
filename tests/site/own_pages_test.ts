/** The built-in error pages: what they say, and where they lead. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Ask, withHosts } from "./hosts.ts";
import { escapeHtml } from "../../src/http/html.ts";
import type { RawResponse } from "../client.ts";

const FILES = { "a/b/c.txt": "c", "index.html": "home" };
const CONF = `host default ROOT
host files.lab.org ROOT
host closed ROOT
  deny 127.0.0.1
`;

const withPages = (test: (ask: Ask, root: string) => Promise<void>) =>
  withHosts({ files: FILES, conf: CONF }, (ask, { root }) => test(ask, root));

/** Where the links of a page lead, as a browser resolves them. */
function linksOf({ text }: RawResponse, target: string): readonly string[] {
  return [...text.matchAll(/<a href="([^"]*)">/g)].map(([, href]) => new URL(href!, `http://x${target}`).pathname);
}

Deno.test("the page of an error leads up and home, from every place", () =>
  withPages(async (ask) => {
    const places = {
      "/none": ["/"],
      "/a/": ["/"],
      "/a/none": ["/a/", "/"],
      "/a/b/": ["/a/", "/"],
      "/a/b/none": ["/a/b/", "/"],
      "/a/b/none/": ["/a/b/", "/"],
      "/a/b/none?x=/y/": ["/a/b/", "/"],
    };
    for (const [target, links] of Object.entries(places)) {
      const page = await ask("files.lab.org", target);
      assertEquals([page.status, linksOf(page, target)], [404, links], target);
    }
  }));

Deno.test("the page of an error names the host as the client did, and nothing of the machine", () =>
  withPages(async (ask, root) => {
    for (const host of ["files.lab.org", "other.example", "a&b'c"]) {
      for (const target of ["/none", "/a/"]) {
        const { text } = await ask(host, target);
        assertStringIncludes(text, `<div>${escapeHtml(host)}</div>`);
        assert(!text.includes(root));
      }
    }
  }));

Deno.test("the page of an error for everybody at this address has no links", () =>
  withPages(async (ask) => {
    const page = await ask("closed", "/a/b/none");
    assertEquals([page.status, linksOf(page, "/")], [403, []]);
    assertStringIncludes(page.text, "does not answer requests from your address");
  }));

Deno.test("the pages of errors are the same for HEAD, without content", () =>
  withPages(async (ask) => {
    for (const target of ["/none", "/a/", "/a/b/none"]) {
      const [get, head] = [await ask("default", target), await ask("default", `HEAD ${target}`)];
      assertEquals(head.fields.filter(([name]) => name !== "Date"), get.fields.filter(([name]) => name !== "Date"));
      assertEquals(head.text, "");
    }
  }));

Deno.test("clients that ask for any number of names get pages without names at last", () =>
  withPages(async (ask) => {
    for (let index = 0; index < 300; index++) {
      const { status, text } = await ask(`h${index}.example`, "/none");
      assertEquals(status, 404);
      assertEquals(text.includes(`<div>h${index}.example</div>`), index < 256, String(index));
    }
  }));
