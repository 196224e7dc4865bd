/**
 * Flags and verbs as data, for `--help`, the manual page and completions. Pure.
 * @module
 */

import { wrap } from "../log/wrap.ts";

/** The word after a flag or verb. `kind` tells a shell what to complete. */
export interface Operand {
  readonly name: string;
  readonly kind: "file" | "folder" | "words" | "text";
  /** For `words`: all possible words. */
  readonly words?: readonly string[];
}

export interface Flag {
  /** Without its dashes. */
  readonly long: string;
  readonly short: string | null;
  /** `null`: the flag is a switch. */
  readonly value: Operand | null;
  readonly summary: string;
}

export interface Verb {
  readonly name: string;
  /** The words after it, in order. */
  readonly operands: readonly Operand[];
  /** The long names of the flags that it accepts. */
  readonly flags: readonly string[];
  /** One sentence or two. */
  readonly summary: string;
}

/** All flags, in the order of `--help`. */
export const FLAGS = [
  flag("port", "p", { name: "PORT", kind: "text" }, "listen on this port (8080), or on PORT/tls; 0: any"),
  flag("address", "a", { name: "ADDRESS", kind: "text" }, "listen on this address (::, every address)"),
  flag("tls", null, null, "speak TLS on every port (https)"),
  flag("config", "c", { name: "FILE", kind: "file" }, "read this configuration; -: standard input"),
  flag("workers", "w", { name: "WORKERS", kind: "words", words: ["auto"] }, "threads that serve, or auto (auto)"),
  flag("debug", "d", null, "print connection events, with one worker by default"),
  flag("quiet", "q", null, "no banner and no access log"),
  flag("json", null, null, "messages and access log as JSON, one object per line"),
  flag("watch", null, null, "reload when web.conf or a password file changes"),
  flag("live", null, null, "reload pages in browsers when their files change"),
  flag("qr", null, null, "show the address as a QR code, also in a low terminal"),
  flag("no-qr", null, null, "show no QR code"),
  flag("open", null, null, "open the address in the browser"),
  flag("any-port", null, null, "if the port is taken, listen on the next free one"),
  flag("no-live", null, null, "no line of connections and rates below the log"),
  flag("capture", null, { name: "FILE", kind: "file" }, "record the first connection, for replay"),
  flag("header", "H", { name: "FIELD", kind: "text" }, "explain: the request has this field, as 'Name: value'"),
  flag("from", null, { name: "ADDRESS", kind: "text" }, "explain: the address of the client (127.0.0.1)"),
  flag("http2", null, null, "explain: the request is in HTTP/2; shows frames"),
  flag("permissions", null, null, "show the permissions of this process or of a binary"),
  flag("help", "h", null, "show this help"),
  flag("version", "V", null, "show the version"),
] as const;

/** Flags that only a verb takes. */
export const VERB_FLAGS: readonly string[] = ["header", "from", "http2"];

export const VERBS = [
  {
    name: "check",
    operands: [{ name: "DIR", kind: "folder" }],
    flags: ["port", "address", "tls", "config", "workers", "json"],
    summary: "check shows the configuration in effect, its permissions, and problems that would prevent a start.",
  },
  {
    name: "doctor",
    operands: [{ name: "DIR", kind: "folder" }],
    flags: ["port", "address", "tls", "config", "workers", "json"],
    summary: "doctor looks for what is wrong with the configuration, the machine and the server, and says what to do.",
  },
  {
    name: "replay",
    operands: [{ name: "FILE", kind: "file" }],
    flags: ["config", "debug", "json"],
    summary: "replay feeds a captured connection to the server again and compares its answers; -d prints its events.",
  },
  {
    name: "explain",
    operands: [{ name: "URL", kind: "text" }],
    flags: ["config", "header", "from", "http2", "json"],
    summary: "explain shows how a request for URL is answered, with the line of web.conf for each decision.",
  },
  {
    name: "passwd",
    operands: [{ name: "FILE", kind: "file" }, { name: "USER", kind: "text" }],
    flags: ["json"],
    summary: "passwd asks for a password, or reads it from standard input, and writes its hash into a password file; " +
      "with - it prints the line.",
  },
  {
    name: "certificate",
    operands: [{ name: "DIR", kind: "folder" }],
    flags: ["config", "json"],
    summary:
      "certificate writes a certificate for this machine and the hosts of web.conf into DIR, with its key and an " +
      "authority that can be installed on phones.",
  },
  {
    name: "top",
    operands: [{ name: "ADDRESS:PORT", kind: "text" }],
    flags: ["config", "json"],
    summary: "top shows the connections of a running server, from its admin listener; q ends it.",
  },
  {
    name: "reload",
    operands: [{ name: "ADDRESS:PORT", kind: "text" }],
    flags: ["config", "json"],
    summary: "reload makes a running server read its configuration again, by its admin listener.",
  },
  {
    name: "reopen",
    operands: [{ name: "ADDRESS:PORT", kind: "text" }],
    flags: ["config", "json"],
    summary: "reopen makes it open its log files again.",
  },
] as const satisfies readonly Verb[];

/** The forms of the command, one per line. */
export const SYNOPSIS = [
  "sweepd [DIR] [-p PORT]... [--tls] [-a ADDRESS] [-c FILE] [-d] [-q]",
  "sweepd check [DIR] [-c FILE]",
  "sweepd doctor [DIR] [-c FILE]",
  "sweepd replay FILE [-c FILE] [-d]",
  "sweepd explain URL [-c FILE] [-H FIELD]... [--from ADDRESS] [--http2]",
  "sweepd passwd FILE USER",
  "sweepd certificate DIR [-c FILE]",
  "sweepd top [[ADDRESS:]PORT] [-c FILE]",
  "sweepd reload|reopen [[ADDRESS:]PORT] [-c FILE]",
] as const;

/** The purpose of the program in one paragraph. */
export const PURPOSE =
  "Serves the folders that web.conf names; with DIR, that folder for every host, and no web.conf unless -c names one. " +
  "Without either it uses ./web.conf, else web.conf beside the executable, else it serves the current folder.";

const COLUMNS = 79;
const FLAG_COLUMNS = 22;

/** The text of `--help`. */
export function usage(): string {
  const [first, ...others] = SYNOPSIS;
  return [
    `Usage: ${first}`,
    ...others.map((form) => `       ${form}`),
    "",
    ...wrap(PURPOSE, COLUMNS),
    "",
    ...FLAGS.map((flag) => `  ${flagForms(flag).padEnd(FLAG_COLUMNS)} ${flag.summary}`),
    "",
    ...wrap(VERBS.map(({ summary }) => summary).join(" "), COLUMNS),
    "",
  ].join("\n");
}

/** `-p, --port PORT`, with blanks instead of a missing short form. */
function flagForms({ long, short, value }: Flag): string {
  return `${short === null ? "    " : `-${short}, `}--${long}${value === null ? "" : ` ${value.name}`}`;
}

function flag<Long extends string>(long: Long, short: string | null, value: Operand | null, summary: string) {
  return { long, short, value, summary } as const;
}
