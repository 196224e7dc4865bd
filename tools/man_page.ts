/**
 * The manual page `sweepd.1`, from the flags and verbs that `--help` shows and the parameters that web.conf takes. Pure.
 * @module
 */

import { SETTING_NAMES, SETTINGS } from "../src/config/settings.ts";
import { PARAMETER_NAMES, PARAMETERS } from "../src/config/parameters.ts";
import { type Flag, FLAGS, PURPOSE, SYNOPSIS, VERBS } from "../src/cli/flags.ts";

/** In the language of man(7). */
export function manPage(version: string): string {
  const lines = [
    `.TH SWEEPD 1 "" "sweepd ${escape(version)}"`,
    ".SH NAME",
    "sweepd \\- static web server in one file",
    ".SH SYNOPSIS",
    ...SYNOPSIS.flatMap((form) => [".nf", text(form), ".fi"]),
    ".SH DESCRIPTION",
    text(PURPOSE),
    ".SH COMMANDS",
    ...VERBS.flatMap(({ name, operands, summary }) => {
      return [".TP", `.BR ${name} " ${operands.map((operand) => operand.name).join(" ")}"`, text(summary)];
    }),
    ".SH OPTIONS",
    ...FLAGS.flatMap((flag) => [".TP", flagForms(flag), text(sentence(flag.summary))]),
    ".SH CONFIGURATION",
    text(
      'web.conf has one directive a line; words are separated by blanks, "quoted words" may hold some, and # at a word\'s ' +
        "beginning starts a comment.",
    ),
    ...directive("host NAME ROOT", "The folder that is served for a host; default answers for hosts without a line."),
    ...directive(
      "SETTING WORDS",
      "One of these; below a host line it holds for that host, above the first host line for every host without a line of its own:",
    ),
    ".RS",
    ...SETTING_NAMES.flatMap((name) => [
      ".TP",
      `.B ${escape(name)} ${escape(SETTINGS[name].words)}`,
      text(`${sentence(SETTINGS[name].summary)} For example: ${SETTINGS[name].example}`),
    ]),
    ".RE",
    ...directive("media EXT TYPE", "The media type of an extension, before the built-in table."),
    ...directive("parameter NAME VALUE", "One of these:"),
    ".RS",
    ...PARAMETER_NAMES.flatMap((name) => [
      ".TP",
      `.B ${escape(name)}`,
      text(`${sentence(PARAMETERS[name].summary)} Default: ${PARAMETERS[name].default}.`),
    ]),
    ".RE",
    ".SH SIGNALS",
    ...directive("SIGTERM, SIGINT", "End: answers under way are finished. A second one ends at once."),
    ...directive("SIGHUP", "Take the configuration anew."),
    ".SH EXIT STATUS",
    ...directive("0", "Ended as asked."),
    ...directive("1", "Could not do what was asked: the message says why."),
    ...directive("2", "Wrong usage."),
    ...directive("70", "A mistake in sweepd itself."),
    ".SH FILES",
    ...directive("./web.conf", "The configuration where none is named; else web.conf beside the executable."),
  ];
  return lines.join("\n") + "\n";
}

function directive(name: string, meaning: string): string[] {
  return [".TP", `.B ${escape(name)}`, text(meaning)];
}

function flagForms({ long, short, value }: Flag): string {
  const forms = [...short === null ? [] : [`-${short}`], `--${long}`].map((form) => `\\fB${escape(form)}\\fR`).join(
    ", ",
  );
  return value === null ? forms : `${forms} \\fI${escape(value.name)}\\fR`;
}

function sentence(summary: string): string {
  return summary.charAt(0).toUpperCase() + summary.slice(1) + (summary.endsWith(".") ? "" : ".");
}

/** A dot or an apostrophe at a line's beginning would be a request. */
function text(words: string): string {
  return escape(words).replace(/^([.'])/, "\\&$1");
}

/** A bare hyphen may be set as one that no shell takes. */
function escape(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}
