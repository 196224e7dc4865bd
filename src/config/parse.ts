/**
 * Parses web.conf to a configuration. Pure: reads no file and checks no root.
 * @module
 */

import { TCHAR } from "../http/syntax.ts";
import {
  type AnySetting,
  type Config,
  defaultConfig,
  type HostEntry,
  type Lines,
  type MediaEntry,
  type Origin,
  type OwnSettings,
  type Setting,
  withOwn,
  withParameter,
} from "./config.ts";
import { type Diagnostic, type Problem, suggest, suggestCautiously } from "./diagnostic.ts";
import { readHostName } from "./host_names.ts";
import { ruleProblems } from "./host_rules.ts";
import { lex, type Line, type Word } from "./lexer.ts";
import { type Listen, LISTEN_USAGE, overlap, parseListen } from "./listeners.ts";
import { isInvalid, isParameterName, PARAMETER_NAMES, PARAMETERS } from "./parameters.ts";
import {
  ACCESS_SETTINGS,
  isInvalidWord,
  isNone,
  isSettingName,
  type RepeatingRule,
  ruleOf,
  SETTING_NAMES,
  type SettingName,
} from "./settings.ts";

/** The configuration in `text`, and its problems. `file` is its name in diagnostics and origins. */
export function parseConfig(text: string, file: string): { config: Config; diagnostics: Diagnostic[] } {
  const { lines, problems } = isText(text) ? lex(text) : NOT_TEXT;
  const reader = new Reader(file, problems);
  for (const line of lines) reader.read(line);
  const { config } = reader;
  const diagnostics = [...problems, ...ruleProblems(config), ...replacedProblems(config)].toSorted((a, b) =>
    a.line - b.line || a.column - b.column
  );
  return { config, diagnostics: diagnostics.map((problem) => ({ file, ...problem })) };
}

/** Warnings about parameters that `listen` lines replace. */
function replacedProblems({ listen, parameters }: Config): Problem[] {
  const [first] = listen;
  if (first?.origin.kind !== "file") return [];
  const message = (name: string) => `parameter "${name}" has no effect, because listen lines replace it`;
  return (["port", "address"] as const).flatMap((name): Problem[] => {
    const { origin } = parameters[name];
    return origin.kind === "file"
      ? [{ severity: "warning", line: origin.line, column: 1, message: message(name) }]
      : [];
  });
}

/** Whether it is text. NUL and invalid UTF-8 mean another encoding, or no text at all. */
function isText(text: string): boolean {
  return !/[\0\uFFFD]/.test(text);
}

const NOT_TEXT: ReturnType<typeof lex> = {
  lines: [],
  problems: [{ severity: "error", line: 1, column: 1, message: "this is not UTF-8 text; save it as UTF-8" }],
};

/** The directives that are not settings, with the names of their two words. */
const DIRECTIVES = {
  host: ["NAME", "ROOT"],
  media: ["EXT", "TYPE"],
  parameter: ["NAME", "VALUE"],
} as const;

type Directive = keyof typeof DIRECTIVES;

/** Each listener takes a descriptor in each worker. */
const LISTENERS_MAX = 64;

/** Comparing a path with this many lines of one setting still takes little time. */
const LINES_MAX = 1000;

/** The setting that a line belongs to, and the position of the line. */
interface Named {
  readonly name: SettingName;
  readonly origin: Origin;
}

class Reader {
  readonly #file: string;
  readonly #problems: Problem[];
  readonly #hosts = new Map<string, HostEntry>();
  readonly #media = new Map<string, MediaEntry>();
  readonly #listen: Setting<Listen>[] = [];
  #parameters: Config = defaultConfig();
  /** The settings above the first `host` line. */
  #common: OwnSettings = {};
  /** The host whose settings are being read; `null` above the first `host` line. */
  #section: { settings: OwnSettings } | null = null;

  constructor(file: string, problems: Problem[]) {
    this.#file = file;
    this.#problems = problems;
  }

  get config(): Config {
    return {
      ...this.#parameters,
      hosts: [...this.#hosts.values()],
      media: [...this.#media.values()],
      listen: this.#listen,
      settings: withOwn(this.#parameters.settings, this.#common),
    };
  }

  read({ line, words }: Line): void {
    const [directive, first, second, surplus] = words;
    if (directive === undefined) return;
    const name = directive.text.toLowerCase();
    const origin: Origin = { kind: "file", file: this.#file, line };
    if (isSettingName(name)) {
      const placed = { ...origin, column: directive.column };
      return this.#readSetting(line, directive, words.slice(1), { name, origin: placed });
    }
    if (name === "listen") return this.#readListen(line, directive, words.slice(1));
    if (!isDirective(name)) return this.#refuseUnknown(line, directive);
    if (first === undefined || second === undefined) {
      const usage = `${name} ${DIRECTIVES[name].join(" ")}`;
      return this.#error(line, directive, `"${name}" takes two words; write: ${usage}`);
    }
    if (surplus !== undefined && !(name === "parameter" && isList(first))) {
      this.#warn(line, surplus, `"${surplus.text}" is ignored; put words that belong together in quotation marks`);
    }
    if (name === "host") this.#readHost(line, first, second, origin);
    else if (name === "media") this.#readMedia(line, first, second, origin);
    else this.#readParameter(line, first, words.slice(2), origin);
  }

  /** An unknown word is an error if it may be a misspelled access setting, because otherwise its host would be open. */
  #refuseUnknown(line: number, directive: Word): void {
    const unknown = `unknown directive "${directive.text}"`;
    const part = ACCESS_SETTINGS.find((name) => directive.text.toLowerCase().includes(name)); // `auth_basic`, `allow-from`.
    const guard = part === undefined ? suggestCautiously(directive.text, ACCESS_SETTINGS) : `; did you mean "${part}"?`;
    if (guard !== "") return this.#error(line, directive, unknown + guard);
    this.#warn(
      line,
      directive,
      unknown + suggest(directive.text, [...Object.keys(DIRECTIVES), "listen", ...SETTING_NAMES]),
    );
  }

  #readListen(line: number, directive: Word, words: readonly Word[]): void {
    if (words.length === 0) {
      return this.#error(
        line,
        directive,
        `"listen" takes a port; write: ${LISTEN_USAGE}; for example: listen 8443 tls`,
      );
    }
    const value = parseListen(words.map(({ text }) => text));
    if ("message" in value) {
      return this.#error(line, words[value.index] ?? directive, `listen: ${value.message}; write: ${LISTEN_USAGE}`);
    }
    const earlier = this.#listen.find((other) => overlap(other.value, value));
    if (earlier?.origin.kind === "file") {
      return this.#error(line, words[0]!, `listen: line ${earlier.origin.line} has this port already`);
    }
    if (this.#listen.length === LISTENERS_MAX) {
      return this.#error(line, directive, `there are more than ${LISTENERS_MAX} listen lines`);
    }
    this.#listen.push({ value, origin: { kind: "file", file: this.#file, line } });
  }

  #readHost(line: number, name: Word, root: Word, origin: Origin): void {
    this.#section = { settings: {} }; // Settings below an invalid host line must not apply to another host.
    if (root.text === "") return this.#error(line, root, `host "${name.text}" has an empty root; "." is this folder`);
    const host = readHostName(name.text);
    if (typeof host === "string") return this.#error(line, name, host);
    const key = host.name;
    this.#noteDuplicate(line, name, `host "${key}"`, this.#hosts.get(key));
    this.#hosts.delete(key); // So that hosts have the order of the lines that are in effect.
    const written = host.isTranslated ? { writtenName: name.text } : {};
    const entry = { name: key, root: root.text, origin, settings: {}, ...written };
    this.#hosts.set(key, entry);
    this.#section = entry;
  }

  #readMedia(line: number, extension: Word, type: Word, origin: Origin): void {
    const key = extension.text.toLowerCase().replace(/^\./, "");
    if (!MEDIA_TYPE.test(type.text)) {
      return this.#error(line, type, `"${type.text}" is not a media type; write one like text/plain`);
    }
    if (!/^[^./\\"]+$/.test(key)) {
      const message = `"${extension.text}" matches no file: an extension is the text after the last dot of a name`;
      return this.#warn(line, extension, message);
    }
    this.#noteDuplicate(line, extension, `media "${key}"`, this.#media.get(key));
    this.#media.set(key, { extension: key, type: type.text, origin });
  }

  #readParameter(line: number, name: Word, words: readonly Word[], origin: Origin): void {
    const word = words[0]!;
    const key = name.text.toLowerCase();
    if (!isParameterName(key)) {
      return this.#warn(line, name, `unknown parameter "${name.text}"${suggest(key, PARAMETER_NAMES)}`);
    }
    const value = PARAMETERS[key].parse(isList(name) ? words.map(({ text }) => text).join(" ") : word.text);
    if (isInvalid(value)) return this.#error(line, word, `${key}: ${value.invalid}`);
    const earlier = this.#parameters.parameters[key];
    if (earlier.origin.kind === "file") this.#noteDuplicate(line, name, `parameter "${key}"`, earlier);
    this.#parameters = withParameter(this.#parameters, key, { value, origin });
  }

  /** Reads a setting of the current host or, above the first host, of every host. */
  #readSetting(line: number, directive: Word, words: readonly Word[], { name, origin }: Named): void {
    const rule = ruleOf(name);
    if (words.length === 0) {
      return this.#error(line, directive, `"${name}" takes words: ${name} ${rule.words}; for example: ${rule.example}`);
    }
    const texts = words.map(({ text }) => text);
    if (rule.repeats && isNone(texts)) return this.#put(name, { ...this.#linesOf(name), cleared: origin });
    const value = rule.parse(texts);
    if (isInvalidWord(value)) {
      const message = `${name}: ${value.message}; for example: ${rule.example}`;
      return this.#error(line, words[value.index] ?? directive, message);
    }
    if (rule.repeats) return this.#addLine(line, directive, value, { name, origin }, rule);
    this.#noteDuplicate(line, directive, `setting "${name}"`, this.#own[name] as Setting<unknown> | undefined);
    this.#put(name, { value, origin });
  }

  /** Adds a line to a setting that may have several. */
  #addLine(line: number, directive: Word, value: unknown, named: Named, { hides }: RepeatingRule<unknown>): void {
    const { name, origin } = named;
    const { cleared, lines } = this.#linesOf(name);
    if (lines.length === LINES_MAX) {
      return this.#error(line, directive, `"${name}" has more than ${LINES_MAX} lines for one host`);
    }
    const before = lines.find((earlier) => hides(earlier.value, value));
    if (before?.origin.kind === "file") {
      return this.#warn(
        line,
        directive,
        `this line never takes effect, because line ${before.origin.line} comes first`,
      );
    }
    this.#put(name, { cleared, lines: [...lines, { value, origin }] });
  }

  /** The settings of the current section. */
  get #own(): OwnSettings {
    return this.#section?.settings ?? this.#common;
  }

  #linesOf(name: SettingName): Lines<unknown> {
    return this.#own[name] as Lines<unknown> | undefined ?? { cleared: null, lines: [] };
  }

  #put(name: SettingName, setting: AnySetting): void {
    const settings = { ...this.#own, [name]: setting };
    if (this.#section === null) this.#common = settings;
    else this.#section.settings = settings;
  }

  /** The last line is in effect, as always in this format. The warning is for users who have overlooked the other. */
  #noteDuplicate(line: number, word: Word, what: string, earlier: { readonly origin: Origin } | undefined): void {
    if (earlier?.origin.kind !== "file") return;
    this.#warn(line, word, `${what} again; this line replaces line ${earlier.origin.line}`);
  }

  #warn(line: number, { column }: Word, message: string): void {
    this.#problems.push({ severity: "warning", line, column, message });
  }

  #error(line: number, { column }: Word, message: string): void {
    this.#problems.push({ severity: "error", line, column, message });
  }
}

/** Type and subtype (RFC 9110, section 8.3.1), and parameters, which are not checked. */
const MEDIA_TYPE = new RegExp(`^${TCHAR}+/${TCHAR}+(?:[ \\t]*;[\\x20-\\x7e\\t]*)?$`);

/** Whether a parameter has more than one word. */
function isList({ text }: Word): boolean {
  const key = text.toLowerCase();
  return isParameterName(key) && PARAMETERS[key].isList === true;
}

function isDirective(word: string): word is Directive {
  return Object.hasOwn(DIRECTIVES, word);
}
