/**
 * Listeners: the words of `listen` and `--port`, and what the command line replaces.
 */

import { assertEquals } from "@std/assert";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { type Config, withParameter } from "../../src/config/config.ts";
import { applyListenOptions, formatListen, listenersOf, parseListen } from "../../src/config/listeners.ts";
import { parseConfig } from "../../src/config/parse.ts";

/** The listeners of `text` with the flags of `args`, as `ADDRESS:PORT [tls] [proxy]`. */
function listeners(text: string, ...args: string[]): string[] {
  const { config } = parseConfig(text, "web.conf");
  return listenersOf(withFlags(config, args)).map(formatListen);
}

function withFlags(config: Config, args: readonly string[]): Config {
  const command = parseCommandLine(args);
  if (command.kind !== "serve") throw new Error(JSON.stringify(command));
  const { overrides, listen } = command.options;
  let effective = config;
  for (const { name, value, flag } of overrides) {
    effective = withParameter(effective, name, { value, origin: { kind: "flag", flag } });
  }
  return listen === undefined ? effective : { ...effective, listen: applyListenOptions(effective, listen) };
}

function problems(text: string): string[] {
  return parseConfig(text, "web.conf").diagnostics.map(({ line, column, severity, message }) =>
    `${line}:${column} ${severity} ${message}`
  );
}

Deno.test("a listen line takes a port, an address and words", () => {
  const cases: readonly (readonly [line: string, meaning: string])[] = [
    ["8080", "8080"],
    ["8443 tls", "8443 tls"],
    ["8443 TLS", "8443 tls"],
    ["0 tls", "0 tls"],
    ["127.0.0.1:8080", "127.0.0.1:8080"],
    ["localhost:8080", "127.0.0.1:8080"],
    ["*:8080", "[::]:8080"],
    ["[::1]:8443 tls", "[::1]:8443 tls"],
  ];
  for (const [line, meaning] of cases) {
    const parsed = parseListen(line.split(" "));
    assertEquals("message" in parsed ? parsed.message : formatListen(parsed), meaning, line);
  }
});

Deno.test("a listen line that means no address is an error at the word", () => {
  const usage = "; write: listen [ADDRESS:]PORT [tls] [proxy]";
  assertEquals(problems("listen"), [
    '1:1 error "listen" takes a port; write: listen [ADDRESS:]PORT [tls] [proxy]; for example: listen 8443 tls',
  ]);
  assertEquals(problems("listen 70000"), [`1:8 error listen: "70000" is not a port; use 0 to 65535${usage}`]);
  assertEquals(problems("listen 8443 tsl"), [
    `1:13 error listen: "tsl" is none of: tls, proxy; did you mean "tls"?${usage}`,
  ]);
  assertEquals(problems("listen ::1:80"), [
    `1:8 error listen: "::1:80" is ambiguous; write an IPv6 address in brackets, like [::1]:80${usage}`,
  ]);
  assertEquals(problems("listen example.org:80").length, 1);
});

Deno.test("two listeners that cannot be open at the same time are an error", () => {
  const taken = ["2:8 error listen: line 1 has this port already"];
  assertEquals(problems("listen 80\nlisten 80 tls"), taken);
  assertEquals(problems("listen 80\nlisten 127.0.0.1:80"), taken);
  assertEquals(problems("listen 0.0.0.0:80\nlisten 127.0.0.1:80"), taken);
  assertEquals(problems("listen 0.0.0.0:80\nlisten [::1]:80"), []);
  assertEquals(problems("listen 127.0.0.2:80\nlisten 127.0.0.1:80"), []);
  assertEquals(problems("listen 0\nlisten 0 tls"), []);
});

Deno.test("listen lines are in effect for the whole server, also below a host line", () => {
  assertEquals(listeners("host a a\nlisten 8080\nhost b b\nlisten 8443 tls"), ["[::]:8080", "[::]:8443 tls"]);
});

Deno.test("listen lines replace parameter port and address, with a warning", () => {
  const text = "parameter port 9000\nlisten 8080\nparameter address ::1";
  assertEquals(listeners(text), ["[::]:8080"]);
  assertEquals(problems(text), [
    '1:1 warning parameter "port" has no effect, because listen lines replace it',
    '3:1 warning parameter "address" has no effect, because listen lines replace it',
  ]);
});

Deno.test("--port and --address replace the plain listeners, and --port N/tls those with TLS", () => {
  const both = "listen 8080\nlisten 8443 tls";
  const cases: readonly (readonly [text: string, args: string, expected: readonly string[]])[] = [
    ["", "", ["[::]:8080"]],
    ["", "-p 9000", ["[::]:9000"]],
    ["", "-p 9000 -p 9001", ["[::]:9000", "[::]:9001"]],
    ["", "-p 9000 -p 9443/tls", ["[::]:9000", "[::]:9443 tls"]],
    ["", "-p 9443/tls", ["[::]:9443 tls"]],
    ["parameter port 9000", "-p 9443/tls", ["[::]:9000", "[::]:9443 tls"]],
    ["parameter address ::1", "-p 9000 -p 9443/tls", ["[::1]:9000", "[::1]:9443 tls"]],
    ["", "--tls", ["[::]:8080 tls"]],
    ["", "--tls -p 9443 -a 127.0.0.1", ["127.0.0.1:9443 tls"]],
    ["parameter port 9000", "--tls", ["[::]:9000 tls"]],
    [both, "-p 9000", ["[::]:9000", "[::]:8443 tls"]],
    [both, "-p 9443/tls", ["[::]:8080", "[::]:9443 tls"]],
    [both, "-a 127.0.0.1", ["127.0.0.1:8080", "[::]:8443 tls"]],
    [both, "--tls", ["[::]:8080 tls", "[::]:8443 tls"]],
    ["listen 8443 tls", "-p 9000", ["[::]:9000", "[::]:8443 tls"]],
    ["listen 127.0.0.1:8080", "-p 9000", ["127.0.0.1:9000"]],
  ];
  for (const [text, args, expected] of cases) {
    assertEquals(listeners(text, ...args.split(" ").filter((arg) => arg !== "")), [...expected], `${text} | ${args}`);
  }
});

Deno.test("--port with another word than tls is wrong usage", () => {
  const messageOf = (args: readonly string[]) => {
    const command = parseCommandLine(args);
    return command.kind === "wrong usage" ? command.message : command.kind;
  };
  assertEquals(messageOf(["-p", "80/tsl"]), '--port: "tsl" is none of: tls, proxy; did you mean "tls"?');
  assertEquals(messageOf(["-p", "80/"]), '--port: "" is none of: tls, proxy; see sweepd --help');
  assertEquals(messageOf(["-p", "127.0.0.1:80"]).startsWith("--port: "), true);
});
