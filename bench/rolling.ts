/**
 * Three servers behind HAProxy while each of them is restarted twice and reloaded ten times: how many requests of
 * clients fail, and how often HAProxy had to try again. `deno task bench:rolling [nginx]`; needs haproxy and wrk.
 * @module
 */

import { fromFileUrl } from "@std/path";
import { freePort } from "../tests/tools/staged.ts";

const SECONDS = 60;
const RESTARTS = 2;
const RELOADS = 10;

/** One of the three, and the process that runs it. */
interface Server {
  readonly name: string;
  readonly port: number;
  process: Deno.ChildProcess;
}

const PROJECT = fromFileUrl(new URL("..", import.meta.url));
const folder = await Deno.makeTempDir({ prefix: "sweepd_rolling_" });
await Deno.chmod(folder, 0o755); // The workers of nginx are another user.
const isNginx = Deno.args[0] === "nginx";

/** Every second configuration needs new workers. */
function configOf(port: number, turn: number): string {
  if (isNginx) {
    return `pid ${folder}/${port}.pid; error_log stderr; worker_processes 1; daemon off;
events { worker_connections 1024; }
http { access_log off; default_type text/x-${turn % 2}; keepalive_requests 1000000;
  server { listen 127.0.0.1:${port} reuseport; root ${folder}/www; location = /healthz { return 200; } } }`;
  }
  return `listen 127.0.0.1:${port}
parameter trust 127.0.0.1
parameter health /healthz
parameter drain-delay 3
parameter workers 1
parameter log off
host default ${folder}/www
${turn % 2 === 0 ? "media txt text/x-even" : `host other.test ${folder}/other`}
`;
}

/** The example of packaging/ with other ports. */
async function balancerConfig(port: number, statisticsPort: number, servers: readonly Server[]): Promise<string> {
  const text = await Deno.readTextFile(`${PROJECT}/packaging/haproxy.cfg`);
  return servers.reduce(
    (config, server, index) => config.replace(`127.0.0.1:${8081 + index}`, `127.0.0.1:${server.port}`),
    text,
  )
    .replace("bind :8080", `bind 127.0.0.1:${port}`).replace("127.0.0.1:8404", `127.0.0.1:${statisticsPort}`);
}

async function configure({ name, port }: Pick<Server, "name" | "port">, turn: number): Promise<void> {
  await Deno.writeTextFile(`${folder}/${name}.new`, configOf(port, turn));
  await Deno.rename(`${folder}/${name}.new`, `${folder}/${name}.conf`);
}

function start({ name }: Pick<Server, "name">): Deno.ChildProcess {
  const file = `${folder}/${name}.conf`;
  if (isNginx) return run("nginx", ["-p", folder, "-c", file]);
  const permissions = ["--no-prompt", "--allow-read", "--allow-net"];
  return run(Deno.execPath(), [
    "run",
    ...permissions,
    "--config",
    `${PROJECT}/deno.json`,
    `${PROJECT}/main.ts`,
    "-q",
    "-c",
    file,
  ]);
}

function run(program: string, args: readonly string[], stdout: "null" | "piped" = "null"): Deno.ChildProcess {
  return new Deno.Command(program, { args: [...args], stdin: "null", stdout, stderr: "null" }).spawn();
}

async function untilHealthy({ name, port }: Server): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    const isHealthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(async (answer) => {
      await answer.body?.cancel();
      return answer.status === 200;
    }, () => false);
    if (isHealthy) return;
    await pause(50);
  }
  throw new Error(`${name} does not start`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Restarts one server after the other, and reloads all of them meanwhile, but none that is ending. */
async function disturb(servers: readonly Server[]): Promise<void> {
  const ending = new Set<Server>();
  let isOver = false;
  const restart = async () => {
    for (let turn = 0; turn < RESTARTS * servers.length; turn++) {
      const server = servers[turn % servers.length]!;
      ending.add(server);
      server.process.kill(isNginx ? "SIGQUIT" : "SIGTERM");
      await server.process.status;
      server.process = start(server);
      await untilHealthy(server);
      ending.delete(server);
      await pause(2_600); // HAProxy needs two healthy answers.
    }
    isOver = true;
  };
  const reloads = new Map(servers.map((server) => [server, 0]));
  const reload = async () => {
    while ([...reloads.values()].some((count) => count < RELOADS)) {
      for (const server of servers) {
        const count = reloads.get(server)!;
        if (ending.has(server) || count === RELOADS) continue;
        await configure(server, count);
        if (ending.has(server)) continue; // It has begun to end in the meantime.
        server.process.kill("SIGHUP");
        reloads.set(server, count + 1);
      }
      await pause(isOver ? 500 : 2_000);
    }
  };
  await Promise.all([restart(), reload()]);
}

/** Requests and failures, as wrk counts them. */
async function load(
  port: number,
  connections: number,
  fields: readonly string[],
): Promise<{ requests: number; failed: number }> {
  const headers = fields.flatMap((field) => ["-H", field]);
  const child = run(
    "wrk",
    ["-t1", `-c${connections}`, `-d${SECONDS}s`, ...headers, `http://127.0.0.1:${port}/a.txt`],
    "piped",
  );
  const text = new TextDecoder().decode((await child.output()).stdout);
  const count = (pattern: RegExp) =>
    [...text.matchAll(pattern)].flatMap(([, ...numbers]) => numbers).reduce((sum, each) => sum + Number(each), 0);
  return {
    requests: count(/(\d+) requests in/g),
    failed: count(/Non-2xx or 3xx responses: (\d+)/g) +
      count(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/g),
  };
}

/** Answers that were missing, repeated requests, and requests that went to another server. */
async function statistics(port: number): Promise<string> {
  const [head = "", ...lines] = (await (await fetch(`http://127.0.0.1:${port}/;csv`)).text()).trim().split("\n");
  const names = head.split(",");
  const backend =
    lines.map((line) => line.split(",")).find(([name, server]) => name === "sweepd" && server === "BACKEND") ?? [];
  return ["eresp", "wretr", "wredis"].map((name) => `${name} ${backend[names.indexOf(name)]}`).join(", ");
}

async function measure(): Promise<boolean> {
  await Deno.mkdir(`${folder}/www`);
  await Deno.mkdir(`${folder}/other`);
  await Deno.writeTextFile(`${folder}/www/a.txt`, "x".repeat(1024));
  const [port, statisticsPort, ...ports] = Array.from({ length: 5 }, freePort) as [number, number, ...number[]];
  const servers: Server[] = [];
  for (const [index, each] of ports.entries()) {
    const server = { name: `server${index}`, port: each };
    await configure(server, 0);
    servers.push({ ...server, process: start(server) });
  }
  await Promise.all(servers.map(untilHealthy));
  await Deno.writeTextFile(`${folder}/haproxy.cfg`, await balancerConfig(port, statisticsPort, servers));
  const balancer = run("haproxy", ["-db", "-f", `${folder}/haproxy.cfg`]);
  await pause(3_000);
  const loads = Promise.all([load(port, 24, []), load(port, 4, ["Connection: close"])]);
  await disturb(servers);
  const [lasting, short] = await loads;
  console.log(
    `${isNginx ? "nginx" : "sweepd"}: ${lasting.requests + short.requests} requests, ${
      lasting.failed + short.failed
    } failed`,
  );
  console.log(`HAProxy: ${await statistics(statisticsPort)}`);
  for (const { process } of [...servers, { process: balancer }]) {
    process.kill("SIGTERM");
    await process.status;
  }
  return lasting.failed + short.failed === 0;
}

try {
  Deno.exitCode = await measure() ? 0 : 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
