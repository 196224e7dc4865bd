/** The README below a listing: which file, what of it is shown, and that nothing of it runs. */

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/net/clock.ts";
import { Slices } from "../../src/files/slices.ts";
import { renderMarkdown } from "../../src/site/markdown.ts";
import { withHosts } from "./hosts.ts";

const render = (text: string) => renderMarkdown(text, new Slices(systemClock));

Deno.test("renderMarkdown() renders what people write", async () => {
  const cases = {
    "# A\n\n## B": "<h2>A</h2>\n<h3>B</h3>\n",
    "###### F": "<h6>F</h6>\n",
    "*a* **b** `c`": "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
    "[file](docs/a.md) [top](#a)": `<p><a href="docs/a.md">file</a> <a href="#a">top</a></p>\n`,
    "[out](https://example.org/)": `<p><a href="https://example.org/" rel="noreferrer">out</a></p>\n`,
    "![own](img/a.png)": `<p><img src="img/a.png" alt="own" loading="lazy"></p>\n`,
    "![other](https://example.org/a.png)": `<p><a href="https://example.org/a.png" rel="noreferrer">other</a></p>\n`,
    "![other](//example.org/a.png)": `<p><a href="//example.org/a.png" rel="noreferrer">other</a></p>\n`,
    "```js\na < b\n```": `<pre tabindex="0"><code class="language-js">a &lt; b\n</code></pre>\n`,
    "    code": `<pre tabindex="0"><code>code\n</code></pre>`,
  };
  for (const [text, html] of Object.entries(cases)) assertEquals((await render(text)).trimEnd(), html.trimEnd(), text);
  assertStringIncludes(await render("|a|b|\n|-|-:|\n|1|2|"), `<td class="al-right">2</td>`);
});

/** Texts that would do harm if they were taken for HTML, or for addresses of other schemes. */
const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<iframe src=javascript:alert(1)></iframe>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](&#106;avascript:alert(1))",
  "[a](java\tscript:alert(1))",
  "[a](<java\nscript:alert(1)>)",
  "[a](\x01javascript:alert(1))",
  "[a](vbscript:x)",
  "[a](data:text/html,<script>alert(1)</script>)",
  "[a](file:///etc/passwd)",
  "![a](javascript:alert(1))",
  "![a](data:text/html;base64,PHNjcmlwdD4=)",
  '![a" onerror="alert(1)](x.png)',
  '[a](x "title\\" onmouseover=\\"alert(1)")',
  "[a]: javascript:alert(1)\n\n[a]",
  "<javascript:alert(1)>",
  '```"><script>alert(1)</script>\nx\n```',
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "| a |\n| - |\n| <b onclick=x> |",
  "<!-- --><script>alert(1)</script>",
  "<style>*{display:none}</style>",
  '![a](x.png "\\"><script>alert(1)</script>")',
];

/** The elements of rendered text, and their attributes. */
function elementsOf(html: string): readonly string[] {
  return [...html.matchAll(/<([a-z][a-z0-9]*)((?: [^<>]*)?)>/g)].map(([, name, attributes]) => `${name}${attributes}`);
}

Deno.test("renderMarkdown() makes no element and no address that could run something", async () => {
  for (const text of HOSTILE) {
    const html = await render(text);
    for (const element of elementsOf(html)) {
      assert(!/^(?:script|iframe|style|object|embed|form|svg)\b/.test(element), `${text} gives ${html}`);
      const quoted = element.replace(/"[^"]*"/g, '""');
      assert(!/ (?:on[a-z]+|style)=/.test(quoted), `${text} gives ${html}`);
      for (const [, value = ""] of element.matchAll(/ (?:href|src)="([^"]*)"/g)) {
        assert(!/^(?!https?:|mailto:)[a-z][a-z0-9+.-]*:/i.test(value), `${text} leads to ${value}`);
      }
    }
  }
});

Deno.test("renderMarkdown() shows a very long text of one block as it is, because parsing it would take too long", async () => {
  const brackets = "![".repeat(8 * 1024);
  assert((await render(`${brackets} *a*`)).includes("![![ *a*"));
  assert((await render("word *a*")).includes("<em>a</em>"));
  assert((await render(`${"word ".repeat(3000)}*a*`)).includes("<em>a</em>"));
  assert((await render(`${"<b>&".repeat(8 * 1024)}\n\n*a*`)).endsWith("&lt;b&gt;&amp;</p>\n<p><em>a</em></p>\n"));
});

const CONF = "parameter revalidate 0\nlisting on\nhost default ROOT\nhost off ROOT\n  listing off\n";

Deno.test("a README is shown by any usual name, and an edit shows at once", () =>
  withHosts({
    files: { "a/README.md": "# One", "b/readme.md": "# Two", "c/readme.md": "# Three", "c/README.md": "# Four" },
    conf: CONF,
  }, async (ask, { root }) => {
    assertStringIncludes((await ask("default", "/a/")).text, "<h2>One</h2>");
    assertStringIncludes((await ask("default", "/b/")).text, "<h2>Two</h2>");
    assertStringIncludes((await ask("default", "/c/")).text, "<h2>Four</h2>");
    assertEquals((await ask("off", "/a/")).status, 404);
    const { mtime } = Deno.statSync(`${root}/a/README.md`);
    const before = (await ask("default", "/a/")).field("etag")!;
    Deno.writeTextFileSync(`${root}/a/new.md`, "# Six");
    Deno.utimeSync(`${root}/a/new.md`, mtime!, mtime!);
    Deno.renameSync(`${root}/a/new.md`, `${root}/a/README.md`); // The same name, size and date.
    const after = await ask("default", "/a/", `If-None-Match: ${before}`);
    assertEquals(after.status, 200);
    assertNotEquals(after.field("etag"), before);
    assertStringIncludes(after.text, "<h2>Six</h2>");
  }));

Deno.test("a README of more than 256 KiB, one that is a folder, and one outside the root are not shown", () =>
  withHosts({
    files: {
      "large/README.md": "x".repeat(256 * 1024 + 1),
      "fits/README.md": "y".repeat(256 * 1024),
      "dir/README.md/x": "",
    },
    conf: CONF,
  }, async (ask, { root }) => {
    Deno.mkdirSync(`${root}/out`);
    Deno.symlinkSync("/etc/hostname", `${root}/out/README.md`);
    for (const folder of ["large", "dir", "out"]) {
      assertEquals((await ask("default", `/${folder}/`)).text.includes("<article"), false, folder);
    }
    assertStringIncludes((await ask("default", "/fits/")).text, "yyyy</p>\n</article>");
  }));

Deno.test("a README that is not UTF-8 is shown with replacements", () =>
  withHosts({ files: { "README.md": Uint8Array.from([0x61, 0xff, 0x62]) }, conf: CONF }, async (ask) => {
    const { content } = await ask("default", "/");
    assertStringIncludes(new TextDecoder().decode(content), "<p>a\ufffdb</p>");
  }));
