/**
 * What the server says of itself when it starts. Pure.
 * @module
 */

import { type Config, formatOrigin } from "./config/config.ts";
import { hostAndPort } from "./net/peer.ts";
import { VERSION } from "./version.ts";

/** What a running server is. */
export interface Running {
  readonly source: string;
  readonly config: Config;
  readonly hostname: string;
  readonly port: number;
  readonly workers: number;
}

/** Which configuration, which hosts, which address, which scope: one fact a line. */
export function banner({ source, config, hostname, port, workers }: Running): string {
  const hosts = config.hosts.map(({ name, root, origin }) => `${name} -> ${root} (${formatOrigin(origin)})`);
  const scope = [...new Set(config.hosts.map(({ root }) => root))].join(", ") || "nothing";
  return [
    `sweepd ${VERSION}`,
    ...row("configuration", source),
    ...row("hosts", ...hosts),
    ...row("open", url(hostname, port)),
    ...row("listening on", `${hostAndPort(hostname, port)}, ${workers} ${workers === 1 ? "worker" : "workers"}`),
    ...row("may read", `${scope}, and nothing else`),
    "Ctrl-C ends it.",
    "",
  ].join("\n");
}

function row(label: string, ...values: readonly string[]): string[] {
  return values.map((value, index) => `  ${(index === 0 ? label : "").padEnd(14)}${value}`);
}

/** What a person on this machine types. */
function url(hostname: string, port: number): string {
  const isEvery = hostname === "::" || hostname === "0.0.0.0";
  return `http://${isEvery ? `localhost:${port}` : hostAndPort(hostname, port)}/`;
}
