/**
 * What `deno compile` put into an executable: permissions, features, entry point, files. Pure over bytes.
 *
 * Behind two magic words stand sections, each with its length in front as 64 bits, little-endian: a JSON object that begins
 * with `argv`, tables of packages and modules, a JSON list of folders and files, and what is in the files.
 * @module
 */

import { Buffer } from "node:buffer";
import { describeGranted, type Granted, type Kind, KINDS } from "../config/permissions.ts";

/** What was embedded. */
export interface Embedded {
  /** Arguments in front of those of the command line. */
  readonly argv: readonly string[];
  /** By the runtime's names, `allow_read` and so on: a list, an empty one for everything, or `null`. */
  readonly permissions: Readonly<Record<string, readonly string[] | null>>;
  /** Whether it would stop to ask for a permission. */
  readonly prompt: boolean;
  /** Unstable features that are on. */
  readonly features: readonly string[];
  /** The main module, from the top of the embedded folder. */
  readonly entryPoint: string;
  readonly files: readonly EmbeddedFile[];
  /** All settings, by the runtime's names. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where in the executable all this stands; before and behind it is the runtime. */
  readonly start: number;
  readonly end: number;
}

export interface EmbeddedFile {
  /** From the top of the embedded folder. */
  readonly path: string;
  /** Of the file as it was. */
  readonly bytes: Uint8Array;
  /** What the compiler made of it besides: JavaScript, source maps. */
  readonly derived: readonly Uint8Array[];
  /** When it was last modified, as it will be told; milliseconds since 1970. `null`: nothing is said. */
  readonly timeMs: number | null;
}

const MAGIC = "d3n0l4nd";
const LENGTH_BYTES = 8;

/** What is embedded in an executable, or why it cannot be told. */
export function readEmbedded(executable: Uint8Array<ArrayBuffer>): Embedded | string {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  const start = findSettings(bytes);
  if (start === null) return "nothing is embedded: this is no executable that deno compile made";
  const settings = readSection(bytes, start - LENGTH_BYTES);
  const tree = settings === null ? null : findTree(bytes, settings.end);
  const content = tree === null ? null : readSection(bytes, tree.end);
  if (settings === null || tree === null || content === null) return "what is embedded is cut short";
  try {
    const parts = interpret(JSON.parse(settings.bytes.toString()), JSON.parse(tree.bytes.toString()), content.bytes);
    return { ...parts, start: start - LENGTH_BYTES - MAGIC.length, end: content.end };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof MalformedError) {
      return `what is embedded is malformed: ${error.message}`;
    }
    throw error;
  }
}

/** The runtime itself holds such text, too: only what stands behind the magic words, and their length, counts. */
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

/** The section whose length stands at `at`; `null` when less is there. */
function readSection(bytes: Buffer, at: number): Section | null {
  if (at < 0 || at + LENGTH_BYTES > bytes.length) return null;
  const length = Number(bytes.readBigUInt64LE(at));
  const end = at + LENGTH_BYTES + length;
  return end > bytes.length ? null : { bytes: bytes.subarray(at + LENGTH_BYTES, end), end };
}

/** The list of files: the first section behind the settings that begins as one. What stands between has no fixed form. */
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

/** Entries of the list are objects of one key, which tells what they are. */
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

/** What a binary may do, and what it is made of, one fact a line. */
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

/** An empty list is everything of its kind, denied as well as allowed; what is denied counts. */
function describeKind(kind: Kind, permissions: Embedded["permissions"]): string {
  const denied = permissions[`deny_${kind}`] ?? null;
  if (denied?.length === 0) return "nothing";
  const but = denied === null ? "" : ` but ${describeGranted(kind, grantedOf(denied))}`;
  return describeGranted(kind, grantedOf(permissions[`allow_${kind}`] ?? null)) + but;
}

/** The runtime writes nothing as `null`, and everything as an empty list. */
export function grantedOf(list: readonly string[] | null): Granted {
  if (list === null) return [];
  return list.length === 0 ? "everything" : list.map((what) => ({ what, origin: "" }));
}
