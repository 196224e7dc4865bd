/**
 * The workloads: requests, connections, and the expected answers.
 * @module
 */

import type { Field } from "../src/mod.ts";
import { HOSTS, PARETO_FILES } from "./sites.ts";

/**
 * Which server processes a workload uses. `plain`: with the plain files. `mix`: the same files, but processes of its own,
 * because the mix leaves garbage that would slow down other workloads. `logged`: with access logs. `crowded`: with many
 * files in one folder. `hosts`: with many hosts. `coded`: with content codings that the server makes. `stored`: with codings
 * that are stored beside the files. `tls`: over TLS. `two`: `plain` with two workers. `two mix`: `mix` with two workers.
 */
export type Setting = "tls" | "plain" | "mix" | "two" | "two mix" | "logged" | "crowded" | "hosts" | "coded" | "stored";

/** Whether other servers run this workload as well. Otherwise sweepd is compared with itself. */
export function hasPeers(setting: Setting): boolean {
  return setting !== "crowded" && setting !== "hosts" && !isCoded(setting);
}

/** Whether content codings are compared. Some other servers have none. */
export function isCoded(setting: Setting): boolean {
  return setting === "coded" || setting === "stored";
}

/** A request of a workload. */
export interface BenchRequest {
  readonly target: string;
  readonly host: string;
  readonly fields: readonly Field[];
}

/** One kind of load. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly setting: Setting;
  readonly requests: readonly BenchRequest[];
  /** How often a request is repeated in one write (pipelining). */
  readonly depth: number;
  readonly connections: number;
  /** Requests at the same time on each connection, over HTTP/2; `null`: the workload uses HTTP/1.1. */
  readonly streams: number | null;
  /** Expected status of each answer. */
  readonly status: number;
  /** Expected content: `length` bytes of the file from position `first`; `null`: it is not checked. */
  readonly content: { readonly first: number; readonly length: number } | null;
  /** Whether the bare loop runs this workload. It gives the same answer to every request. */
  readonly hasBare: boolean;
}

const HOST = "bench.example";
const CONNECTIONS = 64;

/** The field lines of a typical browser: 15 of them, about 900 bytes with the request line. */
const BROWSER_FIELDS: readonly Field[] = [
  ["Connection", "keep-alive"],
  ["Cache-Control", "max-age=0"],
  ["sec-ch-ua", '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'],
  ["sec-ch-ua-mobile", "?0"],
  ["sec-ch-ua-platform", '"Linux"'],
  ["Upgrade-Insecure-Requests", "1"],
  [
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  ],
  [
    "Accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
  ],
  ["Sec-Fetch-Site", "same-origin"],
  ["Sec-Fetch-Mode", "navigate"],
  ["Sec-Fetch-Dest", "document"],
  ["Referer", "http://bench.example/"],
  ["Accept-Encoding", "gzip, deflate, br, zstd"],
  ["Accept-Language", "en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7"],
  [
    "Cookie",
    "session=9f86d081884c7d659a2feaa0c55ad015; theme=dark; consent=necessary; region=eu-central; visitor=1234567890.1760000000; basket=0f9d8c7b6a5e4d3c2b1a0f9e8d7c6b5a",
  ],
];

/** All workloads. `unchangedSince` is the time of the last change of `1k.txt`, as an HTTP date. */
export function workloads(unchangedSince: string): readonly Workload[] {
  const base = one("1k.txt", 1024);
  return [
    { ...base, name: "1k", title: "1 KiB", hasBare: true },
    {
      ...base,
      name: "head",
      title: "1 KiB, browser's head",
      requests: [ask("/1k.bin", BROWSER_FIELDS)], // Of a type that is not encoded.
      hasBare: true,
    },
    { ...one("10k.txt", 10 * 1024), name: "10k", title: "10 KiB" },
    { ...one("100k.bin", 100 * 1024), name: "100k", title: "100 KiB" },
    { ...one("100m.bin", 100 * 1024 * 1024), name: "100m", title: "100 MiB", connections: 4 },
    {
      ...base,
      name: "304",
      title: "304",
      requests: [ask("/1k.txt", [["If-Modified-Since", unchangedSince]])],
      status: 304,
      content: null,
    },
    { ...base, name: "404", title: "404", requests: [ask("/none.txt")], status: 404, content: null },
    {
      ...base,
      name: "range",
      title: "1 KiB of 100 MiB",
      requests: [ask("/100m.bin", [["Range", "bytes=50000000-50001023"]])],
      status: 206,
      content: { first: 50_000_000, length: 1024 },
    },
    { ...base, name: "pipeline", title: "1 KiB, 16 pipelined", depth: 16 },
    {
      ...base,
      name: "connect",
      title: "1 KiB, new connection each",
      requests: [ask("/1k.txt", [["Connection", "close"]])],
    },
    { ...base, ...PARETO, name: "pareto", title: "10,000 files, Pareto sizes", setting: "mix" },
    { ...base, name: "two 1k", title: "1 KiB, two workers", setting: "two" },
    { ...base, ...PARETO, name: "two pareto", title: "10,000 files, Pareto sizes, two workers", setting: "two mix" },
    { ...base, name: "hosts", title: "1 KiB, one of 10,000 hosts", setting: "hosts", requests: [askHost(HOSTS / 2)] },
    {
      ...base,
      name: "all hosts",
      title: "1 KiB of 10,000 hosts at random",
      setting: "hosts",
      requests: Array.from({ length: HOSTS }, (_, index) => askHost(index)),
    },
    { ...base, name: "crowded", title: "1 KiB beside 100,000 files", setting: "crowded" },
    { ...base, name: "coded", title: "100 KiB of HTML, encoded by the server", setting: "coded", ...CODED },
    { ...base, name: "stored", title: "100 KiB of HTML, encoded in a file beside it", setting: "stored", ...CODED },
    { ...base, name: "tls 1k", title: "1 KiB over TLS", setting: "tls", connections: 16 },
    {
      ...one("100m.bin", 100 * 1024 * 1024),
      name: "tls 100m",
      title: "100 MiB over TLS",
      setting: "tls",
      connections: 4,
    },
    {
      ...base,
      name: "tls connect",
      title: "1 KiB over TLS, new connection each",
      setting: "tls",
      connections: 16,
      requests: [ask("/1k.txt", [["Connection", "close"]])],
    },
    { ...base, name: "h2 1k", title: "1 KiB over HTTP/2, 1 stream", ...H2, streams: 1 },
    { ...base, name: "h2 1k x32", title: "1 KiB over HTTP/2, 32 streams", ...H2, streams: 32 },
    { ...base, name: "logged", title: "1 KiB, access log on", setting: "logged" },
  ];
}

const PARETO = {
  requests: Array.from({ length: PARETO_FILES }, (_, index) => ask(`/pareto/${index}.bin`)),
  content: null,
};

/** The content is not compared, because the encoders of the servers differ. */
const CODED = { requests: [ask("/100k.html", [["Accept-Encoding", "br, gzip"]])], content: null };

const H2 = { setting: "tls", connections: 8 } as const;

function one(file: string, length: number): Workload {
  return {
    name: file,
    title: file,
    setting: "plain",
    requests: [ask(`/${file}`)],
    depth: 1,
    connections: CONNECTIONS,
    streams: null,
    status: 200,
    content: { first: 0, length },
    hasBare: false,
  };
}

function ask(target: string, fields: readonly Field[] = []): BenchRequest {
  return { target, host: HOST, fields };
}

function askHost(number: number): BenchRequest {
  return { ...ask("/1k.txt"), host: `h${number}.example` };
}

/** The bytes of a request, as text. */
export function format({ target, host, fields }: BenchRequest): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`;
}
