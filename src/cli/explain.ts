/**
 * `sweepd explain`: sends a request to a server in memory. Collects the notes of the steps, the answer, and other
 * addresses that are answered if this one is not. Decides nothing itself.
 * @module
 */

import { isAddress } from "../certificates/names.ts";
import { certificateChooser, coversHost } from "../config/certificate_choice.ts";
import { type Certificate, certificateFilesOf, type Config, formatOrigin, type HostEntry } from "../config/config.ts";
import { listenersOf } from "../config/listeners.ts";
import { suggest } from "../config/diagnostic.ts";
import { systemDisk } from "../files/disk.ts";
import type { ConnectionEvent } from "../net/events.ts";
import type { Opened } from "../net/security.ts";
import { systemClock } from "../net/clock.ts";
import { runServer } from "../server.ts";
import type { Topic } from "../site/notes.ts";
import { FrameTrace } from "../log/frames.ts";
import { type AnswerHead, http2Bytes, readHttp2Answer } from "./http2_question.ts";
import type { Question } from "./question.ts";
import { OneConnection, ScriptedPeer } from "./scripted_peer.ts";

/** A note of one step. `line`: of web.conf, as `web.conf:3`; `null`: none decided. */
export interface Note {
  readonly topic: Topic;
  readonly text: string;
  readonly line: string | null;
}

/** The result of a request. */
export interface Explanation extends AnswerHead {
  readonly question: Question;
  /** Which versions of HTTP can be used for the request. */
  readonly versions: VersionsNote;
  readonly notes: readonly Note[];
  /** The frames of HTTP/2, in order: `received HEADERS with 27 bytes on stream 1`; none in HTTP/1.1. */
  readonly frames: readonly string[];
  /** The problems that the server reported. */
  readonly problems: readonly string[];
}

/** Which versions of HTTP a listener speaks, as text, and the line of web.conf that says so. */
interface VersionsNote {
  readonly text: string;
  readonly line: string | null;
  readonly hasHttp2: boolean;
}

/** A similar request that is answered. */
export interface Alternative {
  /** The difference, as text. */
  readonly what: string;
  readonly question: Question;
  readonly status: number;
}

/** Sends `question` to a server with `config`. The server reads from the system's disk. */
export async function explain(question: Question, config: Config): Promise<Explanation> {
  const notes: Note[] = [];
  const problems: string[] = [];
  const stop = new AbortController();
  const listen = listenerOf(question, config);
  if (question.isSecure && listen?.tls === false) problems.push(`port ${listen.port} does not speak TLS; use http`);
  const versions = versionsOf(question, listen, config);
  const isHttp2 = question.isHttp2 && versions.hasHttp2;
  if (question.isHttp2 && !isHttp2) problems.push("this connection does not speak HTTP/2, so the answer is HTTP/1.1");
  const plain = listen?.tls && !question.isSecure ? redirected(listen, notes) : null;
  const opened = question.isSecure ? secure(question, config, notes) : plain;
  const peer = new HeadReader(question.from, opened, isHttp2 ? readHttp2Answer : readHead);
  const frames = new FrameList();
  const noted = Promise.withResolvers<void>();
  const running = runServer(withJsonLog(config), {
    listener: new OneConnection(peer),
    clock: systemClock,
    disk: systemDisk,
    access: (line) => {
      const { problem } = JSON.parse(line);
      if (problem !== null && !peer.isClosed) problems.push(problem);
    },
    report: (problem, error) => problems.push(`${problem}: ${error instanceof Error ? error.message : error}`),
    note: (topic, text, line = null) => notes.push({ topic, text, line }),
    observe: (_connection, event) => {
      frames.take(event, peer.isAnswered);
      if (event.kind === "close" || event.kind === "write" && peer.isAnswered) noted.resolve();
    },
    signal: stop.signal,
  });
  peer.receive(isHttp2 ? http2Bytes(question) : http1Bytes(question));
  await peer.answered;
  if (peer.isAnswered) await noted.promise; // The event of a write comes after it.
  stop.abort();
  peer.close();
  await running;
  return { question, versions, notes, frames: frames.lines, problems, ...peer.answer };
}

function http1Bytes({ host, target, fields }: Question): string {
  return [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...fields, "Connection: close", "", ""].join("\r\n");
}

/** The versions that the connection could have. Over TLS the client chooses by ALPN (RFC 9113, section 3.2). */
function versionsOf({ isSecure }: Question, listen: AskedListener | null, config: Config): VersionsNote {
  const { value, origin } = config.parameters.h2c;
  if (isSecure) return { text: "HTTP/2 or HTTP/1.1, as the client asks by ALPN", line: null, hasHttp2: true };
  if (listen?.tls) return { text: "HTTP/1.1, because HTTP/2 needs https here", line: listen.line, hasHttp2: false };
  if (value === "off") {
    return { text: "HTTP/1.1; HTTP/2 needs https, or parameter h2c on", line: null, hasHttp2: false };
  }
  return { text: "HTTP/1.1, or HTTP/2 by prior knowledge", line: formatOrigin(origin), hasHttp2: true };
}

/** A port of the address that the server listens on, and whether it speaks TLS. */
interface AskedListener {
  readonly port: number;
  readonly tls: boolean;
  readonly line: string | null;
}

/** The listener that the port of the address names; `null`: there is no such port, or it is not written. */
function listenerOf({ host }: Question, config: Config): AskedListener | null {
  const [, digits = ""] = /:([0-9]+)$/.exec(host) ?? [];
  const found = listenersOf(config).find(({ port }) => digits !== "" && port === Number(digits));
  if (found === undefined) return null;
  const [origin] = found.origins;
  return { port: found.port, tls: found.tls === true, line: origin === undefined ? null : formatOrigin(origin) };
}

/** A listener for TLS redirects plain HTTP before it looks for the host. */
function redirected({ port, line }: AskedListener, notes: Note[]): Opened {
  notes.push({ topic: "redirect", text: `to https, because port ${port} speaks TLS`, line });
  return { kind: "plain" };
}

/** How the connection would be secured. A client names the host of the address (RFC 6066, section 3). */
function secure(question: Question, config: Config, notes: Note[]): Opened {
  const { serverName: asked, isHttp2 } = question;
  const serverName = isAddress(asked) ? "" : asked;
  const certificate = certificateChooser(config)(serverName);
  const hasListener = listenersOf(config).some(({ tls }) => tls);
  const about = certificate === null
    ? hasListener ? "one of sweepd's own, which each start makes" : "none: no listener speaks TLS"
    : `${certificate.written?.cert} for ${certificate.names.join(", ") || "no name"}`;
  notes.push({ topic: "certificate", text: about, line: lineOfCertificate(certificate, config) });
  const covers = (name: string) => certificate === null || coversHost(certificate, name);
  const security = { version: "TLSv1.3", alpn: isHttp2 ? "h2" : "http/1.1", serverName: serverName || null, covers };
  return { kind: "secure", security };
}

function lineOfCertificate(certificate: Certificate | null, config: Config): string | null {
  const { cert, key } = certificate?.written ?? {};
  const found = certificateFilesOf(config).find((files) => files.cert === cert && files.key === key);
  return found === undefined ? null : formatOrigin(found.origins[0]!);
}

/** The access log contains the reason of a refusal. */
function withJsonLog(config: Config): Config {
  const log = { ...config.parameters.log, value: "json" } as const;
  return { ...config, parameters: { ...config.parameters, log } };
}

/** The answer in what the server has sent; `null`: it is incomplete. */
function readHead(text: string): AnswerHead | null {
  if (!text.includes("\r\n\r\n")) return null;
  const [statusLine = "", ...fields] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const [, status = "0", reason = ""] = /^HTTP\/1\.1 ([0-9]{3}) (.*)$/.exec(statusLine) ?? [];
  return { status: Number(status), reason, fields };
}

/** The frames up to those that are written with the head of the answer. */
class FrameList {
  readonly lines: string[] = [];
  readonly #trace = new FrameTrace();
  #isComplete = false;

  take(event: ConnectionEvent, isAnswered: boolean): void {
    if (this.#isComplete) return;
    this.lines.push(...this.#trace.describe(event));
    this.#isComplete = isAnswered && event.kind === "write";
  }
}

/** A peer that closes when it has received the head of an answer, because the content may be long. */
class HeadReader extends ScriptedPeer {
  /** The answer; status 0: none has come. */
  answer: AnswerHead = { status: 0, reason: "", fields: [] };
  isAnswered = false;
  readonly #read: (sent: string) => AnswerHead | null;
  readonly #answered = Promise.withResolvers<void>();

  constructor(hostname: string, opened: Opened | null, read: (sent: string) => AnswerHead | null) {
    super(hostname, opened);
    this.#read = read;
  }

  /** Resolves when a head has arrived, or when none will arrive. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  override async write(bytes: Uint8Array): Promise<number> {
    if (this.isAnswered) {
      this.close();
      throw new Deno.errors.BrokenPipe("gone");
    }
    await super.write(bytes);
    const answer = this.#read(this.sent);
    if (answer === null) return bytes.length;
    this.answer = answer;
    this.isAnswered = true;
    this.#answered.resolve();
    return bytes.length;
  }

  override close(): void {
    super.close();
    this.#answered.resolve();
  }
}

/** Limit on the hosts that are tried, because each needs a request. */
const HOSTS_MAX = 50;

/**
 * Requests that the user may have meant: for a host with a similar name and, if there is no file at the address, all
 * other requests that are answered.
 */
export async function findAlternatives(explanation: Explanation, config: Config): Promise<Alternative[]> {
  const { status } = explanation;
  const isAbsent = status === 404 || status === 400;
  const found: Alternative[] = [];
  for (const other of isAbsent ? othersOf(explanation, config) : nearHosts(explanation, config)) {
    const answer = await explain(other.question, config);
    if (!isAbsent || answer.status < 300 || answer.status === 401) found.push({ ...other, status: answer.status });
  }
  return found;
}

/** A host with a similar name, if no line matches the requested name. */
function nearHosts(explanation: Explanation, config: Config): Other[] {
  const { question } = explanation;
  if (hostOf(explanation, config)?.name !== "default") return [];
  const names = config.hosts.map(({ name }) => name).filter((name) => name !== "default");
  const [, near = null] = /"(.*)"/.exec(suggest(question.host, names)) ?? [];
  return near === null
    ? []
    : [{ what: `for the host ${near}`, question: { ...question, host: near, serverName: near } }];
}

type Other = Omit<Alternative, "status">;

function othersOf(explanation: Explanation, config: Config): Other[] {
  const { question, notes } = explanation;
  const host = hostOf(explanation, config);
  const [, path = "", query = ""] = /^([^?]*)(.*)$/s.exec(question.target) ?? [];
  const at = (what: string, path: string): Other => ({ what, question: { ...question, target: path + query } });
  const decoded = notes.find(({ topic }) => topic === "path")?.text ?? "";
  const spelled = host === null ? null : respell(host.root, decoded);
  const asBrowser = { ...question, fields: [...question.fields, "Accept: text/html"] };
  const names = config.hosts.filter((other) => other !== host && /^[^*]/.test(other.name) && other.name !== "default");
  return [
    ...path.endsWith("/")
      ? path === "/" ? [] : [at("without the slash at the end", path.replace(/\/+$/, ""))]
      : [at("with a slash at the end", `${path}/`)],
    ...spelled === null ? [] : [at("in the letter case of the file", spelled)],
    ...question.fields.some((field) => /^accept:/i.test(field))
      ? []
      : [{ what: "with Accept: text/html, as a browser sends it", question: asBrowser }],
    ...names.slice(0, HOSTS_MAX).map(({ name }) => ({
      what: `for the host ${name}`,
      question: { ...question, host: name, serverName: name },
    })),
  ];
}

/** The host that answered the request; `null`: none. */
export function hostOf({ notes }: Explanation, { hosts }: Config): HostEntry | null {
  const line = notes.find(({ topic }) => topic === "host")?.line ?? null;
  return hosts.find(({ origin }) => formatOrigin(origin) === line) ?? null;
}

/** The address of a file whose path differs from `path` only in letter case; `null`: there is none. */
function respell(root: string, path: string): string | null {
  const names: string[] = [];
  for (const name of path.split("/").filter((name) => name !== "")) {
    const found = findName([root, ...names].join("/"), name);
    if (found === null) return null;
    names.push(found);
  }
  const spelled = `/${names.join("/")}${path.endsWith("/") && names.length > 0 ? "/" : ""}`;
  return spelled === path ? null : spelled.split("/").map(encodeURIComponent).join("/");
}

/** The name if it exists, or else one that differs only in letter case. */
function findName(folder: string, name: string): string | null {
  try {
    const names = Array.from(Deno.readDirSync(folder), (entry) => entry.name);
    if (names.includes(name)) return name;
    return names.find((other) => other.toLowerCase() === name.toLowerCase()) ?? null;
  } catch {
    return null; // It is not a folder, or not accessible.
  }
}
