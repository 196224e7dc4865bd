/**
 * The settings of hosts: the name of each, the words that it takes, its default and its meaning. The parser, `check`, the
 * report of changes, the manual page and README.md's table are made from this table. Pure: looks up no file.
 * @module
 */

/** What a host can be told, by the names in web.conf. */
export interface HostSettings {
  /** Names that are tried in a folder, in order; none: a folder has no index. */
  readonly index: readonly string[];
  /** Whether files whose names begin with a dot are served. */
  readonly dotfiles: boolean;
}

/** The name of a setting. */
export type SettingName = keyof HostSettings;

/** Words that a setting cannot use: the index of the first of them, and what is wrong with it. */
export interface InvalidWord {
  readonly kind: "invalid word";
  readonly index: number;
  readonly message: string;
}

/** One row of the table. */
export interface SettingRule<Value> {
  /** The words behind the name, as a usage line shows them. */
  readonly words: string;
  readonly default: Value;
  /** What it means, in a line without a capital or a full stop. */
  readonly summary: string;
  /** A line that web.conf takes. */
  readonly example: string;
  /** The value that `words`, at least one, stand for. */
  readonly parse: (words: readonly string[]) => Value | InvalidWord;
  /** The words that stand for `value`; `parse` takes them back. */
  readonly format: (value: Value) => readonly string[];
}

/** The settings, in the order in which documents list them. */
export const SETTINGS: { readonly [Name in SettingName]: SettingRule<HostSettings[Name]> } = {
  index: {
    words: "NAME...",
    default: ["index.html"],
    summary: "names that are tried in a folder, in order; none: folders have no index",
    example: "index index.html index.htm",
    parse: parseNames,
    format: (names) => names.length === 0 ? ["none"] : names,
  },
  dotfiles: {
    words: "on | off",
    default: false,
    summary: "serve files and folders whose names begin with a dot (.well-known always is)",
    example: "dotfiles on",
    parse: parseSwitch,
    format: (isOn) => [isOn ? "on" : "off"],
  },
};

/** The names of all settings, in the table's order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Whether `word` is the name of a setting. */
export function isSettingName(word: string): word is SettingName {
  return Object.hasOwn(SETTINGS, word);
}

/** Whether words could not be used. */
export function isInvalidWord(value: unknown): value is InvalidWord {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "invalid word";
}

/** The words of a setting's value, in one string. */
export function formatSetting<Name extends SettingName>(name: Name, value: HostSettings[Name]): string {
  return SETTINGS[name].format(value).join(" ");
}

function parseNames(words: readonly string[]): readonly string[] | InvalidWord {
  if (words.length === 1 && words[0] === "none") return [];
  const index = words.findIndex((word) => !isFileName(word));
  if (index >= 0) return invalid(index, `"${words[index]}" is not the name of a file; write it without a path`);
  const repeated = words.findIndex((word, at) => words.indexOf(word) < at);
  return repeated >= 0 ? invalid(repeated, `"${words[repeated]}" stands here twice`) : words;
}

/** One segment of a path, which can lead nowhere else. */
function isFileName(word: string): boolean {
  return word !== "" && word !== "." && word !== ".." && word !== "none" && !/[/\\\0]/.test(word);
}

function parseSwitch(words: readonly string[]): boolean | InvalidWord {
  const [word, surplus] = words;
  if (surplus !== undefined) return invalid(1, `"${surplus}" is one word too many; write on or off`);
  if (word === "on" || word === "off") return word === "on";
  return invalid(0, `"${word}" is neither on nor off`);
}

function invalid(index: number, message: string): InvalidWord {
  return { kind: "invalid word", index, message };
}
