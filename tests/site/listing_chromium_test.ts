/** The listing and the error pages in a browser: accessibility, keyboard, filter, dates, policy. */

import { assert, assertEquals } from "@std/assert";
import { AXE_SOURCE } from "../axe.ts";
import { findChromium, type Page, withPage } from "../chromium.ts";
import { withSite } from "../site.ts";

const README = `# Title

Text with \`code\`, [a link](a.txt), <script>document.title = "script"</script> and ![a picture](https://example.org/x.png).

| a | b |
| - | -: |
| 1 | 2 |

\`\`\`
${"a long line of code ".repeat(20)}
\`\`\`
`;

const FILES = {
  "f/README.md": README,
  "f/a.txt": "a",
  "f/b.txt": "b",
  "f/sub/c.txt": "c",
  "f/<img src=x onerror=alert(1)>.txt": "hostile",
  "f/line\nfeed.txt": "hostile",
};

const program = await findChromium();
const isMissing = program === null || Deno.build.os !== "linux";
const reason = isMissing ? " (skipped: it needs Chromium on Linux)" : "";

async function withListing(test: (page: Page, url: string) => Promise<void>): Promise<void> {
  await withSite({ files: FILES, conf: "listing on\nhost default ROOT\n" }, async ({ port }) => {
    await withPage(program!, (page) => test(page, `http://127.0.0.1:${port}`));
  });
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What the checker finds, as text. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(`${AXE_SOURCE}; 0`);
  const violations = await page.evaluate<readonly Violation[]>("axe.run().then(({ violations }) => violations)");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

Deno.test({
  name: `the pages of the server have no fault that axe finds, in each size and colour scheme${reason}`,
  ignore: isMissing,
  fn: () =>
    withListing(async (page, url) => {
      for (const path of ["/f/", "/f/?sort=size", "/f/sub/", "/", "/f/none", "/f/none/none/"]) {
        for (const [width, scheme] of [[320, "light"], [320, "dark"], [1200, "light"], [1200, "dark"]] as const) {
          await page.show({ width, height: 800, scheme });
          await page.open(url + path);
          assertEquals(await violationsOf(page), [], `${path} ${width} ${scheme}`);
          assertEquals(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true, path);
        }
      }
    }),
});

Deno.test({
  name: `the listing page works within its policy, and runs nothing that a name or a README contains${reason}`,
  ignore: isMissing,
  fn: () =>
    withListing(async (page, url) => {
      await page.open(`${url}/f/`);
      assertEquals(await page.evaluate("document.title"), "f - 127.0.0.1");
      assertEquals(await page.evaluate("getComputedStyle(document.querySelector('main>table')).tableLayout"), "fixed");
      assertEquals(await page.evaluate("document.querySelectorAll('img').length"), 0);
      assertEquals(page.messages.filter((text) => /Content Security Policy/.test(text)), []);
    }),
});

Deno.test({
  name: `the listing page shows dates in the zone of the reader, and filters by names${reason}`,
  ignore: isMissing,
  fn: () =>
    withListing(async (page, url) => {
      await page.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Kathmandu" });
      await page.open(`${url}/f/`);
      await page.until("document.getElementById('z') === null");
      const [iso, shown] = await page.evaluate<[string, string]>(
        "(() => { const t = document.querySelector('time'); return [t.dateTime, t.textContent]; })()",
      );
      const local = new Date(Date.parse(iso) + (5 * 60 + 45) * 60_000).toISOString();
      assertEquals(shown, `${local.slice(0, 10)} ${local.slice(11, 16)}`);
      await page.until("!document.querySelector('.f').hidden");
      await page.evaluate("document.getElementById('q').focus()");
      await page.send("Input.insertText", { text: "TXT b." });
      const visible =
        "[...document.querySelectorAll('main>table>tbody>tr:not([hidden]):not(.u) a')].map((n) => n.textContent).join()";
      await page.until(`${visible} === "b.txt"`);
      assertEquals(await page.evaluate("document.querySelector('output').textContent"), "1 of 6 shown");
      await page.press("Enter");
      await page.until("location.pathname === '/f/b.txt'");
    }),
});

Deno.test({
  name: `the keyboard reaches every link of the listing page in order, and opens it${reason}`,
  ignore: isMissing,
  fn: () =>
    withListing(async (page, url) => {
      await page.open(`${url}/f/`);
      await page.until("!document.querySelector('.f').hidden");
      const reached: string[] = [];
      for (let count = 0; count < 15; count++) {
        await page.press("Tab");
        reached.push(
          await page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.tagName"),
        );
      }
      assertEquals(reached.slice(0, 7), [
        "../",
        "INPUT",
        "?sort=name&order=desc",
        "?sort=size&order=desc",
        "?sort=date&order=desc",
        "../",
        "./sub/",
      ]);
      assert(reached.includes("PRE"), "long code can be scrolled");
      await page.evaluate("document.querySelector('a[href=\"./sub/\"]').focus()");
      await page.press("Enter");
      await page.until("location.pathname === '/f/sub/'");
    }),
});

Deno.test({
  name: `the listing page works without scripts${reason}`,
  ignore: isMissing,
  fn: () =>
    withListing(async (page, url) => {
      await page.send("Emulation.setScriptExecutionDisabled", { value: true });
      await page.open(`${url}/f/`);
      assertEquals(await page.evaluate("document.querySelector('.f').hidden"), true);
      assertEquals(await page.evaluate("document.querySelector('#z').textContent"), " (UTC)");
      assertEquals(await page.evaluate("document.querySelectorAll('main>table>tbody a').length"), 7);
    }),
});
