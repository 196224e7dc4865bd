/**
 * Measures how long a browser takes for a page of 60 files over HTTP/1.1 and over HTTP/2, both over TLS, next to the server
 * and 40 ms away. Run it with `deno task bench:page`. It needs Linux, taskset and a headless Chromium.
 * @module
 */

import { relayTo } from "./delaying_relay.ts";
import { count, CPUS, flag, names, runBenchmark, type Values } from "./options.ts";
import { median, pause, withFolder } from "./own.ts";
import { makePage, PAGE_FILES, SCRIPTS } from "./page_site.ts";
import { writeSection } from "./sections.ts";
import { type RunningServer, type Server, SERVERS, startServer, versionOf } from "./servers.ts";
import { makeCertificate } from "./sites.ts";

/** The servers whose certificates are configured. */
const SECURED = SERVERS.filter(({ name }) => ["sweepd", "nginx", "h2o"].includes(name));

const OPTIONS = {
  rounds: count("number of measurements of each row", 5, 100),
  delay: count("round trip of the distant server in milliseconds", 40, 1_000),
  servers: names("servers to run", SECURED.map(({ name }) => name)),
  cpus: CPUS,
  write: flag("also write the table to RESULTS.md"),
};

type Options = Values<typeof OPTIONS>;

/** Names that the browser has in Linux distributions and on macOS. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** A browser that does not end by itself is ended. */
const VISIT_MS_MAX = 40_000;

/** One way to load the page. */
interface Way {
  readonly version: "http/1.1" | "h2";
  readonly delayMs: number;
}

async function main(options: Options): Promise<number> {
  const browser = await findBrowser();
  if (browser === null) {
    console.error(`no browser is installed (Debian package: chromium), so no page can be measured`);
    return 1;
  }
  return await withFolder(async (folder) => {
    makePage(`${folder}/site`);
    const tls = { cert: `${folder}/tls.pem`, key: `${folder}/tls.key`, authority: `${folder}/authority.pem` };
    await makeCertificate(tls);
    const servers = await installed(options);
    await using running = new AsyncDisposableStack();
    const started: RunningServer[] = [];
    for (const server of servers) {
      const assignment = { cpu: options.cpus.server, root: `${folder}/site`, log: null, tls };
      started.push(running.use(await startServer(server, assignment)));
    }
    const table = await measureAll(browser, started, options);
    console.log(table);
    if (options.write) await writeSection(`Page of ${PAGE_FILES} files in Chromium`, `${PREFACE}\n\n${table}`);
    return 0;
  });
}

const PREFACE =
  "Written by `deno task bench:page --write`. Milliseconds until the page has loaded with all its scripts and " +
  "pictures, over TLS, each time in a browser without a cache. The distant server is behind a relay that delays all bytes. " +
  "Median, and the range of all rounds.";

/** The first browser that is installed. */
async function findBrowser(): Promise<string | null> {
  for (const name of BROWSERS) {
    try {
      const { success } = await new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
      if (success) return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

async function installed({ servers }: Options): Promise<Server[]> {
  const wanted = SECURED.filter(({ name }) => servers?.includes(name) ?? true);
  const versions = await Promise.all(wanted.map(versionOf));
  return wanted.filter((_, index) => versions[index] !== null);
}

/** The table of all servers and ways, measured in interleaved rounds. Round 0 warms up. */
async function measureAll(browser: string, servers: readonly RunningServer[], options: Options): Promise<string> {
  const ways = [0, options.delay].flatMap((delayMs): Way[] => [
    { version: "http/1.1", delayMs },
    { version: "h2", delayMs },
  ]);
  const pairs = servers.flatMap((server) => ways.map((way) => ({ server, way, times: [] as number[] })));
  for (let round = 0; round <= options.rounds; round++) {
    for (const { server, way, times } of pairs) {
      const tookMs = await visit(browser, server, way, options.cpus.load);
      console.error(`round ${round}: ${server.server.name} ${way.version} ${way.delayMs} ms: ${tookMs.toFixed(0)} ms`);
      if (round > 0) times.push(tookMs);
    }
  }
  const heading = ["server", ...ways.map(({ version, delayMs }) => `${nameOf(version)}, ${delayMs} ms away`)];
  const rows = servers.map((server) => [
    server.server.title,
    ...pairs.filter((pair) => pair.server === server).map(({ times }) => cell(times)),
  ]);
  return [heading, heading.map((_, index) => index === 0 ? "---" : "---:"), ...rows].map((cells) =>
    `| ${cells.join(" | ")} |`
  ).join("\n");
}

function nameOf(version: Way["version"]): string {
  return version === "h2" ? "HTTP/2" : "HTTP/1.1";
}

function cell(times: readonly number[]): string {
  return `${median(times).toFixed(0)} (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`;
}

/** Loads the page in a new browser. Returns the milliseconds that the page itself has measured. */
async function visit(browser: string, { port, server }: RunningServer, way: Way, cpu: number): Promise<number> {
  using relay = relayTo(port, way.delayMs);
  return await withFolder(async (profile) => {
    const target = way.delayMs === 0 ? port : relay.port;
    const args = [...SILENT, `--user-data-dir=${profile}`, ...way.version === "h2" ? [] : ["--disable-http2"]];
    const command = new Deno.Command("taskset", {
      args: ["-c", `${cpu}`, browser, ...args, "--dump-dom", `https://localhost:${target}/`],
      signal: AbortSignal.timeout(VISIT_MS_MAX),
      stdin: "null",
      stderr: "null",
    });
    const { stdout } = await command.output();
    await pause(100); // Processes of the browser may still write to its profile.
    return readVisit(new TextDecoder().decode(stdout), way.version, server.title);
  });
}

/** A browser without a window, a sandbox (which needs rights), or requests of its own. */
const SILENT = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-extensions",
  "--disable-sync",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--ignore-certificate-errors",
];

/** What the page notes in its document when it has loaded. */
interface Visit {
  readonly ms: number;
  readonly files: number;
  readonly scripts: number;
  readonly broken: number;
  readonly versions: readonly string[];
}

/** The time in a dumped document. Throws if the page is incomplete, or came in another version of HTTP. */
export function readVisit(dom: string, version: string, server: string): number {
  const [, json] = /data-result="([^"]*)"/.exec(dom) ?? [];
  if (json === undefined) throw new Error(`the page of ${server} did not load: ${dom.slice(0, 200)}`);
  const visit: Visit = JSON.parse(json.replaceAll("&quot;", '"'));
  const isWhole = visit.files === PAGE_FILES && visit.broken === 0 && visit.scripts === SCRIPTS &&
    visit.versions.join() === version;
  if (!isWhole) throw new Error(`the page of ${server} came incomplete, or not over ${version}: ${json}`);
  return visit.ms;
}

if (import.meta.main) Deno.exit(await runBenchmark("bench:page", OPTIONS, main));
