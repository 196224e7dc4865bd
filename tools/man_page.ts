/**
 * The manual page `sweepd.1`, made from the flags and verbs of `--help`, and the settings and parameters of web.conf.
 * Pure.
 * @module
 */

import { SETTING_NAMES, SETTINGS } from "../src/config/settings.ts";
import { PARAMETER_NAMES, PARAMETERS } from "../src/config/parameters.ts";
import { type Flag, FLAGS, PURPOSE, SYNOPSIS, VERBS } from "../src/cli/flags.ts";

/** Uses the macros of man(7). */
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
      'web.conf has one directive per line; words are separated by blanks, "quoted words" may contain some, and # at a word\'s ' +
        "beginning starts a comment.",
    ),
    ...directive("host NAME ROOT", "The folder that is served for a host; default answers for hosts without a line."),
    ...directive(
      "SETTING WORDS",
      "One of these; below a host line it applies to that host, above the first host line to every host without a line of its own:",
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
    ...directive("SIGTERM, SIGINT", "End after the answers in progress. A second one ends at once."),
    ...directive("SIGHUP", "Reload the configuration."),
    ".SH EXIT STATUS",
    ...directive("0", "The server ended after a signal, or the command succeeded."),
    ...directive("1", "Failed; the message gives the reason."),
    ...directive("2", "Wrong usage."),
    ...directive("70", "A mistake in sweepd itself."),
    ".SH FILES",
    ...directive("./web.conf", "The default configuration; if it does not exist, web.conf beside the executable."),
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

/** Escapes a dot or an apostrophe at the beginning of a line, where it would begin a macro. */
function text(words: string): string {
  return escape(words).replace(/^([.'])/, "\\&$1");
}

/** Escapes hyphens, because a formatter may replace them by another character that shells do not accept. */
function escape(words: string): string {
  return words.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}
