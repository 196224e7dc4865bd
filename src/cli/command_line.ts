/**
 * Parses the command line to a command. Pure.
 * @module
 */

import { type Arguments, type FlagName, readArguments } from "./arguments.ts";
import type { Options, Override } from "../config/load.ts";
import { type ListenOptions, parsePortFlag } from "../config/listeners.ts";
import { suggest } from "../config/diagnostic.ts";
import { isInvalid, PARAMETERS } from "../config/parameters.ts";
import { FLAGS, usage, VERB_FLAGS, VERBS } from "./flags.ts";
import { type Question, readQuestion } from "./question.ts";

export type Command =
  | { readonly kind: "serve"; readonly options: Options; readonly how: Serving }
  | { readonly kind: "check"; readonly options: Options }
  | { readonly kind: "doctor"; readonly options: Options }
  | { readonly kind: "permissions"; readonly options: Options }
  | { readonly kind: "replay"; readonly options: Options; readonly file: string; readonly debug: boolean }
  | { readonly kind: "explain"; readonly options: Options; readonly question: Question }
  /** `file`: a path, or `-`. */
  | { readonly kind: "passwd"; readonly file: string; readonly user: string }
  /** `folder`: where to write a certificate for this machine and the hosts of `options`. */
  | { readonly kind: "certificate"; readonly options: Options; readonly folder: string }
  /** `address`: the admin listener as `parameter admin` has it; `null`: that of web.conf. */
  /** To a running server. `address`: of its admin listener; `null`: that of the configuration. */
  | {
    readonly kind: "order";
    readonly order: "reload" | "reopen";
    readonly options: Options;
    readonly address: string | null;
  }
  | { readonly kind: "top"; readonly options: Options; readonly address: string | null }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "wrong usage"; readonly message: string };

/** How to serve, apart from the configuration. */
export interface Serving {
  readonly debug: boolean;
  readonly quiet: boolean;
  /** Messages and access log as JSON. */
  readonly json: boolean;
  /** Reload when the configuration file changes. */
  readonly watch: boolean;
  /** Reload pages in browsers when their files change. */
  readonly liveReload: boolean;
  /** The file in which to record the bytes of one connection; `-`: standard output. */
  readonly capture: string | null;
  /** Show a QR code; `null`: where it fits. */
  readonly qr: boolean | null;
  /** Open the address in the browser. */
  readonly open: boolean;
  /** Listen on the next free port if the port is taken. */
  readonly anyPort: boolean;
  /** Show a line of connections and rates on a terminal. */
  readonly live: boolean;
}

export const USAGE = usage();

/** Flags that set the parameter with their name. */
const PARAMETER_FLAGS = ["address", "workers"] as const;

/** Parses the arguments. Paths are not looked up. */
export function parseCommandLine(args: readonly string[]): Command {
  const given = readArguments(args);
  if (typeof given === "string") return wrong(given);
  const { flags, words } = given;
  if (flags.has("help")) return { kind: "help" };
  if (flags.has("version")) return { kind: "version" };
  const verb = VERBS.find(({ name }) => name === words[0]) ?? null;
  const operands = verb === null ? words : words.slice(1);
  const surplus = operands[verb?.operands.length ?? 1];
  if (surplus !== undefined) {
    return wrong(`"${surplus}" is one word too many${verb === null ? nearVerb(words[0]!) : ""}`);
  }
  if (operands.includes("")) return wrong('an empty name; "." is the current folder');
  const stray = strayFlag(flags, verb?.flags ?? SERVING_FLAGS);
  if (stray !== undefined) {
    return wrong(verb === null ? `--${stray} is for explain` : `${verb.name} takes no --${stray}`);
  }
  return readCommand(verb?.name ?? null, operands, given);
}

/** A first word before others may be a misspelled verb. */
function nearVerb(word: string): string {
  return suggest(word, VERBS.map(({ name }) => name));
}

const SERVING_FLAGS = FLAGS.map(({ long }) => long).filter((long) => !VERB_FLAGS.includes(long));

/** The command for a verb, or for none, and its operands. */
function readCommand(verb: VerbName | null, operands: readonly string[], { flags, repeated }: Arguments): Command {
  const [operand = null, user = null] = operands as readonly (string | null)[];
  if (verb === "passwd") {
    return operand === null || user === null
      ? wrong("passwd needs a file and the name of a user")
      : { kind: "passwd", file: operand, user };
  }
  const isServed = verb === null || verb === "check" || verb === "doctor";
  const options = readOptions({ flags, repeated }, isServed ? operand : null);
  if ("kind" in options) return options;
  if (verb === "explain") return readExplain(operand, options, { flags, repeated });
  if (verb === "top" || verb === "reload" || verb === "reopen") return readAdmin(verb, operand, options);
  if (verb === "certificate") {
    return operand === null ? wrong("certificate needs a folder") : { kind: "certificate", options, folder: operand };
  }
  if (verb === "check" || verb === "doctor") return { kind: verb, options };
  if (verb === "replay") {
    if (operand === null) return wrong("replay needs a file");
    return { kind: "replay", options, file: operand, debug: flags.has("debug") };
  }
  return flags.has("permissions")
    ? { kind: "permissions", options }
    : { kind: "serve", options, how: readServing(flags) };
}

/** A command that speaks to the admin listener of a running server. */
function readAdmin(verb: "top" | "reload" | "reopen", operand: string | null, options: Options): Command {
  const address = operand === null ? null : PARAMETERS.admin.parse(operand);
  if (isInvalid(address)) return wrong(address.invalid);
  if (address === "off") return wrong(`${verb} needs an address, such as 127.0.0.1:9090`);
  return verb === "top" ? { kind: verb, options, address } : { kind: "order", order: verb, options, address };
}

function readExplain(
  url: string | null,
  options: Options,
  { flags, repeated }: Pick<Arguments, "flags" | "repeated">,
): Command {
  if (url === null) return wrong("explain needs an address, such as http://localhost/");
  const [headers, from, isHttp2] = [repeated.get("header") ?? [], valueOf(flags, "from"), flags.has("http2")];
  const question = readQuestion({ url, headers, from, isHttp2 });
  return typeof question === "string" ? wrong(question) : { kind: "explain", options, question };
}

/** Whether messages are JSON, also that about wrong usage. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}

type Flags = Arguments["flags"];
type VerbName = (typeof VERBS)[number]["name"];

function strayFlag(flags: Flags, allowed: readonly string[]): FlagName | undefined {
  return [...flags.keys()].find((flag) => !allowed.includes(flag));
}

function readServing(flags: Flags): Serving {
  return {
    debug: flags.has("debug"),
    quiet: flags.has("quiet"),
    json: flags.has("json"),
    watch: flags.has("watch"),
    liveReload: flags.has("live"),
    capture: valueOf(flags, "capture"),
    qr: flags.has("no-qr") ? false : flags.has("qr") || null,
    open: flags.has("open"),
    anyPort: flags.has("any-port"),
    live: !flags.has("no-live"),
  };
}

function readOptions(
  { flags, repeated }: Pick<Arguments, "flags" | "repeated">,
  dir: string | null,
): Options | Command {
  const overrides: Override[] = [];
  const ports = (repeated.get("port") ?? []).map(parsePortFlag);
  const invalidPort = ports.find((port) => typeof port === "string");
  if (invalidPort !== undefined) return wrong(`--port: ${invalidPort}`);
  const listen = listenOptions(ports.filter((port) => typeof port !== "string"), flags);
  const plain = listen?.ports.findLast(({ tls }) => tls === undefined);
  if (plain !== undefined) overrides.push({ name: "port", value: plain.port, flag: "--port" });
  for (const flag of PARAMETER_FLAGS) {
    const word = valueOf(flags, flag);
    if (word === null) continue;
    const value = PARAMETERS[flag].parse(word);
    if (isInvalid(value)) return wrong(`--${flag}: ${value.invalid}`);
    overrides.push({ name: flag, value, flag: `--${flag}` });
  }
  return { dir, config: valueOf(flags, "config"), overrides, ...listen !== null && { listen } };
}

/** The listeners of the command line; `null`: it names none. */
function listenOptions(ports: ListenOptions["ports"], flags: Flags): ListenOptions | null {
  const tls = flags.has("tls");
  const word = valueOf(flags, "address");
  const address = word === null ? null : PARAMETERS.address.parse(word);
  if (isInvalid(address) || ports.length === 0 && address === null && !tls) return null; // The caller reports the former.
  return { ports, address, tls };
}

function valueOf(flags: Flags, name: FlagName): string | null {
  const value = flags.get(name);
  return typeof value === "string" ? value : null;
}

function wrong(message: string): Command {
  return { kind: "wrong usage", message: message.endsWith("?") ? message : `${message}; see sweepd --help` };
}
