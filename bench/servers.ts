/**
 * The compared servers: how to find each, configure it for one worker, and start it.
 * @module
 */

import { fromFileUrl } from "@std/path";
import { freePort, ownCommand, untilListening } from "./own.ts";

/** What a server serves. */
export interface Assignment {
  /** The CPU that the server runs on, or several as `taskset` reads them, such as `0,1`. */
  readonly cpu: number | string;
  /** The number of worker threads or processes. 1 by default. */
  readonly workers?: number;
  /** The folder that it serves, for every host. */
  readonly root: string;
  /** Hosts with their own folders; for sweepd only. */
  readonly hosts?: readonly { readonly name: string; readonly root: string }[];
  /** Whether the server encodes content, or sends what is stored beside it. Neither by default. */
  readonly codings?: "made" | "stored";
  /** Paths of a certificate and its key, if the server speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** File for the access log; `null`: the log is off. */
  readonly log: string | null;
}

/** A server that can be started. */
export interface Server {
  readonly name: string;
  /** Name in the report. */
  readonly title: string;
  /** The command that prints its version. */
  readonly version: readonly string[];
  /** The Debian package that contains it; `null`: it is part of the project. */
  readonly debian: string | null;
  /** Writes the configuration into `folder`, and returns the command to start the server. */
  readonly prepare: (assignment: Assignment, folder: string, port: number) => readonly string[];
  readonly env?: (assignment: Assignment) => Readonly<Record<string, string>>;
}

const DENO = Deno.execPath();

/** All servers, sweepd first. */
export const SERVERS: readonly Server[] = [
  { name: "sweepd", title: "sweepd", version: [DENO, "--version"], debian: null, prepare: sweepd },
  { name: "bare", title: "bare loop", version: [DENO, "--version"], debian: null, prepare: bareLoop },
  { name: "nginx", title: "nginx", version: ["nginx", "-v"], debian: "nginx-light", prepare: nginx },
  {
    name: "nginx-cached",
    title: "nginx, open_file_cache",
    version: ["nginx", "-v"],
    debian: "nginx-light",
    prepare: cachingNginx,
  },
  { name: "lighttpd", title: "lighttpd", version: ["lighttpd", "-v"], debian: "lighttpd", prepare: lighttpd },
  { name: "h2o", title: "h2o", version: ["h2o", "-v"], debian: "h2o", prepare: h2o },
  {
    name: "caddy",
    title: "caddy",
    version: ["caddy", "version"],
    debian: "caddy",
    prepare: caddy,
    env: ({ workers = 1 }) => ({ GOMAXPROCS: `${workers}` }),
  },
];

/** The first line of the server's version output, or `null` if the server is not installed. */
export async function versionOf({ version: [program = "", ...args] }: Server): Promise<string | null> {
  try {
    const { stdout, stderr } = await new Deno.Command(program, { args }).output();
    const text = new TextDecoder();
    return (text.decode(stdout) + text.decode(stderr)).split("\n")[0] ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A running server. Disposing of it ends the process. */
export interface RunningServer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server; resolves when it listens. */
export async function startServer(server: Server, assignment: Assignment): Promise<RunningServer> {
  const folder = await Deno.makeTempDir({ prefix: `sweepd_${server.name}_` });
  await Deno.chmod(folder, 0o755);
  const port = freePort();
  const command = server.prepare(assignment, folder, port);
  const child = new Deno.Command("taskset", {
    args: ["-c", `${assignment.cpu}`, ...command],
    cwd: folder,
    env: {
      HOME: folder,
      NO_COLOR: "1",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? defaultDenoDir(),
      ...server.env?.(assignment),
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await untilListening(port);
  return {
    server,
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The module cache of this user. The servers have another home folder, and would download all modules again. */
function defaultDenoDir(): string {
  return `${Deno.env.get("HOME")}/.cache/deno`;
}

function sweepd({ root, hosts = [], log, tls, workers = 1 }: Assignment, folder: string, port: number): string[] {
  const names = hosts.map((host) => `host ${host.name} ${host.root}\n`).join("");
  const format = log === null ? "off" : "combined";
  Deno.writeTextFileSync(
    `${folder}/web.conf`,
    `host default ${root}\n${
      tls === undefined ? "" : `certificate ${tls.cert} ${tls.key}\n`
    }${names}parameter address 127.0.0.1\nparameter workers ${workers}\nparameter timeout 3600\n` +
      `parameter head-timeout 0\n` +
      `parameter connections 20000\nparameter log ${format}\n`,
  );
  const command = ownCommand(["-p", `${port}`, ...tls === undefined ? [] : ["--tls"]]);
  return log === null ? command : ["sh", "-c", 'exec "$@" > "$0"', log, ...command];
}

function bareLoop({ root }: Assignment, _folder: string, port: number): string[] {
  const module = fromFileUrl(new URL("bare_loop.ts", import.meta.url));
  return [DENO, "run", "--no-prompt", "--allow-read", "--allow-net", module, `${port}`, `${root}/1k.txt`];
}

function nginx(assignment: Assignment, folder: string, port: number): string[] {
  return startNginx(assignment, folder, port, "off");
}

/** nginx with its cache of open files, which is off by default. It holds what the largest mix needs. */
function cachingNginx(assignment: Assignment, folder: string, port: number): string[] {
  return startNginx(assignment, folder, port, "max=15000 inactive=60s");
}

function startNginx(
  { root, log, codings, tls, workers = 1 }: Assignment,
  folder: string,
  port: number,
  openFiles: string,
): string[] {
  Deno.writeTextFileSync(
    `${folder}/nginx.conf`,
    `user root;
worker_processes ${workers};
daemon off;
pid ${folder}/nginx.pid;
error_log /dev/null crit;
events { worker_connections 19000; }
http {
  types { text/plain txt; text/html html; }
  ${codings === undefined ? "" : codings === "made" ? "gzip on; gzip_vary on;" : "gzip_static on; gzip_vary on;"}
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  open_file_cache ${openFiles};
  keepalive_timeout 3600;
  keepalive_requests 1000000000;
  access_log ${log === null ? "off" : `${log} combined`};
  ${tls === undefined ? "" : `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};`}
  ${tls === undefined ? "" : "ssl_protocols TLSv1.2 TLSv1.3;"}
  server { listen 127.0.0.1:${port}${tls === undefined ? "" : " ssl http2"} backlog=4096; root ${root}; }
}
`,
  );
  return ["nginx", "-p", folder, "-e", "/dev/null", "-c", `${folder}/nginx.conf`];
}

function lighttpd({ root, log, workers = 1 }: Assignment, folder: string, port: number): string[] {
  const logging = log === null ? "" : `server.modules = ("mod_accesslog")\naccesslog.filename = "${log}"\n`;
  Deno.writeTextFileSync(
    `${folder}/lighttpd.conf`,
    `server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.max-worker = ${workers === 1 ? 0 : workers}
server.max-fds = 20000
server.max-connections = 19000
server.listen-backlog = 4096
server.max-keep-alive-requests = 1000000000
server.max-keep-alive-idle = 3600
server.errorlog = "/dev/null"
mimetype.assign = (".txt" => "text/plain", "" => "application/octet-stream")
${logging}`,
  );
  return ["lighttpd", "-D", "-f", `${folder}/lighttpd.conf`];
}

function h2o({ root, log, tls, workers = 1 }: Assignment, folder: string, port: number): string[] {
  Deno.writeTextFileSync(
    `${folder}/h2o.conf`,
    `user: root
num-threads: ${workers}
max-connections: 19000
http1-request-timeout: 3600
listen:
  host: 127.0.0.1
  port: ${port}
${tls === undefined ? "" : `  ssl: { certificate-file: ${tls.cert}, key-file: ${tls.key} }\n`}error-log: /dev/null
${log === null ? "" : `access-log: ${log}\n`}hosts:
  default:
    paths:
      /: { file.dir: ${root} }
`,
  );
  return ["h2o", "-c", `${folder}/h2o.conf`];
}

function caddy({ root, log, codings }: Assignment, folder: string, port: number): string[] {
  Deno.writeTextFileSync(
    `${folder}/Caddyfile`,
    `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  root * ${root}
${codings === "made" ? "  encode zstd gzip\n" : ""}  file_server${
      codings === "stored" ? " {\n    precompressed br gzip\n  }" : ""
    }
${log === null ? "" : `  log {\n    output file ${log}\n  }\n`}}
`,
  );
  return ["caddy", "run", "--config", `${folder}/Caddyfile`, "--adapter", "caddyfile"];
}
