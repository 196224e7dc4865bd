/**
 * Command lines. Random arguments give either a command with valid values, or a usage error with a reason.
 */

import fc from "../../fast_check.ts";
import { parseCommandLine, USAGE } from "../../../src/cli/command_line.ts";
import { insist } from "../agree.ts";
import { property } from "../property.ts";
import { anyText } from "./texts.ts";

const names = [...USAGE.matchAll(/--?[A-Za-z]+/g)].map(([flag]) => flag);
const values = fc.constantFrom("", "0", "80", "99999", "-1", "auto", "::", "localhost", "true", "a.b", "www", "check");
const flags = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "-",
      "--",
      "---",
      "--_",
      "-_",
      "--no-debug",
      "--no-port",
      "--port.x",
      "--p.x",
      "--debug.x",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "--__proto__",
      "--constructor",
      "--toString",
      "--x.__proto__.y",
      "--constructor.prototype.z",
    ),
  },
  { weight: 1, arbitrary: fc.string().map((text) => `-${text}`) },
  { weight: 1, arbitrary: fc.string().map((text) => `--${text}`) },
);
const argument = fc.oneof(
  { weight: 4, arbitrary: flags },
  { weight: 2, arbitrary: fc.tuple(flags, fc.constantFrom("=", ""), values).map((parts) => parts.join("")) },
  { weight: 3, arbitrary: values },
  { weight: 1, arbitrary: anyText },
);

export const commandLines = property({
  name: "command-lines",
  runsInTests: 2000,
  found: [["-d=", "--debug.x"], ["- _"], ["-=_="]], // The argument parser threw for these.
  values: fc.array(argument, { maxLength: 6 }),
  check(args) {
    const command = parseCommandLine(args);
    if (command.kind !== "wrong usage") {
      const overrides = "options" in command ? command.options.overrides : [];
      for (const { name, value } of overrides) {
        insist(value !== undefined && `${value}` !== "NaN", `${name} is ${value}`);
      }
      return command.kind;
    }
    insist(command.message !== "", "wrong usage without a reason");
    return `wrong usage: ${command.message.replace(/".*"/s, "").slice(0, 40)}`;
  },
});
