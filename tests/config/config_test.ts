/** Configurations as values: the defaults, setting one parameter, and the description of origins. */

import { assertEquals } from "@std/assert";
import { defaultConfig, formatOrigin, withParameter } from "../../src/config/config.ts";
import { PARAMETER_NAMES, PARAMETERS } from "../../src/config/parameters.ts";

Deno.test("defaultConfig() has every parameter at its default, no hosts and no media types", () => {
  const { hosts, media, parameters } = defaultConfig();
  assertEquals([hosts, media, Object.keys(parameters).length], [[], [], PARAMETER_NAMES.length]);
  for (const name of PARAMETER_NAMES) {
    assertEquals(parameters[name], { value: PARAMETERS[name].default, origin: { kind: "default" } }, name);
  }
});

Deno.test("withParameter() sets one parameter with its origin and leaves the others", () => {
  const before = defaultConfig();
  const origin = { kind: "flag", flag: "--port" } as const;
  const after = withParameter(before, "port", { value: 9000, origin });
  assertEquals(after.parameters.port, { value: 9000, origin });
  assertEquals({ ...after, parameters: { ...after.parameters, port: before.parameters.port } }, before);
});

Deno.test("withParameter() does not change its argument", () => {
  const before = defaultConfig();
  withParameter(before, "port", { value: 9000, origin: { kind: "default" } });
  assertEquals(before, defaultConfig());
});

Deno.test("a configuration is unchanged when it is posted to a worker", () => {
  const config = withParameter(
    {
      ...defaultConfig(),
      hosts: [{ name: "default", root: "www", origin: { kind: "file", file: "web.conf", line: 1 }, settings: {} }],
    },
    "timeout",
    { value: 0.5, origin: { kind: "flag", flag: "--timeout" } },
  );
  assertEquals(structuredClone(config), config);
});

for (
  const [origin, words] of [
    [{ kind: "default" }, "default"],
    [{ kind: "file", file: "web.conf", line: 3 }, "web.conf:3"],
    [{ kind: "flag", flag: "--port" }, "--port"],
  ] as const
) {
  Deno.test(`formatOrigin() writes an origin of kind ${origin.kind} as ${words}`, () => {
    assertEquals(formatOrigin(origin), words);
  });
}
