/**
 * Reads what `deno compile` embedded into an executable: permissions, features, entry point, files. Pure over bytes.
 *
 * After two magic words there are sections, each after its length as 64 bits, little-endian: a JSON object that begins
 * with `argv`, tables of packages and modules, a JSON list of folders and files, and the contents of the files.
 * @module
 */

import { Buffer } from "node:buffer";
import { describeGranted, type Granted, type Kind, KINDS } from "../config/permissions.ts";

/** The embedded data. */
export interface Embedded {
  /** Arguments that precede those of the command line. */
  readonly argv: readonly string[];
  /** By the runtime's names, `allow_read` and so on. A list; an empty one means everything; `null` means nothing. */
  readonly permissions: Readonly<Record<string, readonly string[] | null>>;
  /** Whether it would prompt for permissions. */
  readonly prompt: boolean;
  /** The enabled unstable features. */
  readonly features: readonly string[];
  /** The path of the main module in the embedded folder. */
  readonly entryPoint: string;
  readonly files: readonly EmbeddedFile[];
  /** All settings, by the runtime's names. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where the embedded data begins and ends in the executable. Everything else is the runtime. */
  readonly start: number;
  readonly end: number;
}

export interface EmbeddedFile {
  /** The path in the embedded folder. */
  readonly path: string;
  /** The original content. */
  readonly bytes: Uint8Array;
  /** What the compiler made from it: JavaScript, source maps. */
  readonly derived: readonly Uint8Array[];
  /** The embedded modification time in milliseconds since 1970; `null`: none. */
  readonly timeMs: number | null;
}

const MAGIC = "d3n0l4nd";
const LENGTH_BYTES = 8;

/** The data embedded in an executable, or why it cannot be read. */
export function readEmbedded(executable: Uint8Array<ArrayBuffer>): Embedded | string {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  const start = findSettings(bytes);
  if (start === null) return "nothing is embedded: deno compile did not make this file";
  const settings = readSection(bytes, start - LENGTH_BYTES);
  const tree = settings === null ? null : findTree(bytes, settings.end);
  const content = tree === null ? null : readSection(bytes, tree.end);
  if (settings === null || tree === null || content === null) return "the embedded data is incomplete";
  try {
    const parts = interpret(JSON.parse(settings.bytes.toString()), JSON.parse(tree.bytes.toString()), content.bytes);
    return { ...parts, start: start - LENGTH_BYTES - MAGIC.length, end: content.end };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MalformedError) {
      return `the embedded data is malformed: ${error.message}`;
    }
    throw error;
  }
}

/** The runtime itself contains such text too, so only the one after the magic word and its length counts. */
function findSettings(bytes: Buffer): number | null {
  const beginning = '{"argv":';
  for (let at = bytes.lastIndexOf(beginning); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(beginning, at - 1)) {
    const magic = bytes.subarray(Math.max(0, at - LENGTH_BYTES - MAGIC.length), Math.max(0, at - LENGTH_BYTES));
    if (magic.toString("latin1") === MAGIC) return at;
  }
  return null;
}

interface Section {
  readonly bytes: Buffer;
  readonly end: number;
}

/** The section whose length is at `at`; `null`: it is incomplete. */
function readSection(bytes: Buffer, at: number): Section | null {
  if (at < 0 || at + LENGTH_BYTES > bytes.length) return null;
  const length = Number(bytes.readBigUInt64LE(at));
  const end = at + LENGTH_BYTES + length;
  return end > bytes.length ? null : { bytes: bytes.subarray(at + LENGTH_BYTES, end), end };
}

/** The list of files: the first section after the settings that begins like one. The bytes between vary. */
function findTree(bytes: Buffer, from: number): Section | null {
  for (const beginning of ['[{"Dir":{', '[{"File":{', '[{"Symlink":{']) {
    const at = bytes.indexOf(beginning, from);
    const section = at < 0 ? null : readSection(bytes, at - LENGTH_BYTES);
    if (section !== null && section.bytes.at(-1) === "]".charCodeAt(0)) return section;
  }
  return null;
}

class MalformedError extends Error {}

function interpret(value: unknown, tree: unknown, content: Uint8Array): Omit<Embedded, "start" | "end"> {
  const settings = record(value, "settings");
  const { prompt, ...permissions } = record(settings["permissions"], "permissions");
  if (typeof prompt !== "boolean") throw new MalformedError("prompt");
  const lists = Object.entries(permissions).map(([name, list]) => [name, list === null ? null : strings(list, name)]);
  return {
    argv: strings(settings["argv"], "argv"),
    permissions: Object.fromEntries(lists),
    prompt,
    features: strings(record(settings["unstable_config"], "unstable_config")["features"], "features"),
    entryPoint: String(settings["entrypoint_key"]),
    files: [...filesOf(tree, "", content)],
    settings,
  };
}

/** Each entry of the list is an object with one key, which is its kind. */
function* filesOf(entries: unknown, folder: string, content: Uint8Array): Generator<EmbeddedFile> {
  if (!Array.isArray(entries)) throw new MalformedError("a folder");
  for (const entry of entries) {
    const [kind, value] = Object.entries(record(entry, "an entry"))[0] ?? [];
    const { n, o, e, t, ...others } = record(value, "an entry");
    const path = `${folder}${n}`;
    if (kind === "Dir") yield* filesOf(e, `${path}/`, content);
    else if (kind === "Symlink") yield { path, bytes: new Uint8Array(), derived: [], timeMs: null };
    else if (kind === "File") {
      const derived = Object.values(others).filter(Array.isArray).map((range) => slice(range, content));
      yield { path, bytes: slice(o, content), derived, timeMs: typeof t === "number" ? t : null };
    } else throw new MalformedError("an entry");
  }
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new MalformedError(what);
}

function strings(value: unknown, what: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new MalformedError(what);
}

function slice(range: unknown, content: Uint8Array): Uint8Array {
  const [at, length] = Array.isArray(range) ? range : [];
  const isWithin = Number.isInteger(at) && Number.isInteger(length) && at >= 0 && at + length <= content.length;
  if (!isWithin) throw new MalformedError(`a file at ${JSON.stringify(range)}`);
  return content.subarray(at, at + length);
}

/** The permissions and the content of a binary, one fact per line. */
export function describeEmbedded({ permissions, prompt, features, entryPoint, files, argv }: Embedded): string {
  const rows: [string, string][] = [
    ...KINDS.map((kind): [string, string] => [kind, describeKind(kind, permissions)]),
    ["prompts", prompt ? "yes: it would stop to ask for more" : "no"],
    ["features", features.join(" ") || "none"],
    ["starts", [entryPoint, ...argv].join(" ")],
    ["files", `${files.length}, ${files.reduce((sum, { bytes }) => sum + bytes.length, 0)} bytes`],
  ];
  return rows.map(([label, text]) => `${label.padEnd(8)} ${text}\n`).join("");
}

/** An empty list means everything of its kind, in allowed and in denied permissions. Denied ones have priority. */
function describeKind(kind: Kind, permissions: Embedded["permissions"]): string {
  const denied = permissions[`deny_${kind}`] ?? null;
  if (denied?.length === 0) return "nothing";
  const but = denied === null ? "" : ` but ${describeGranted(kind, grantedOf(denied))}`;
  return describeGranted(kind, grantedOf(permissions[`allow_${kind}`] ?? null)) + but;
}

/** The runtime represents nothing by `null`, and everything by an empty list. */
export function grantedOf(list: readonly string[] | null): Granted {
  if (list === null) return [];
  return list.length === 0 ? "everything" : list.map((what) => ({ what, origin: "" }));
}
