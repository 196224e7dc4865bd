/** Where the access log of each host goes. */

import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/parse.ts";
import { accessLogs } from "../../src/log/access_logs.ts";

function logsOf(text: string, isSilent = false) {
  const { config, diagnostics } = parseConfig(text, "web.conf");
  assertEquals(diagnostics, []);
  return accessLogs({ ...config, isSilent });
}

const HOSTS = "host default www\nhost own www\nlog own.log\nhost quiet www\nlog off\n";

Deno.test("without settings, the access log goes to standard output", () => {
  const logs = logsOf("host default www\n");
  assertEquals(logs.for("default"), { standardOutput: true, file: null });
  assertEquals(logs.for(null), { standardOutput: true, file: null });
});

Deno.test("a host's own file replaces that of all hosts, and log off excludes the host everywhere", () => {
  const logs = logsOf(`parameter access-log all.log\n${HOSTS}`);
  assertEquals(logs.for("default"), { standardOutput: true, file: "all.log" });
  assertEquals(logs.for(null), { standardOutput: true, file: "all.log" });
  assertEquals(logs.for("own"), { standardOutput: true, file: "own.log" });
  assertEquals(logs.for("quiet"), null);
});

Deno.test("parameter log off and --quiet silence standard output only", () => {
  for (const logs of [logsOf(`parameter log off\n${HOSTS}`), logsOf(HOSTS, true)]) {
    assertEquals(logs.for("default"), null);
    assertEquals(logs.for("own"), { standardOutput: false, file: "own.log" });
    assertEquals(logs.isOff, false);
  }
  assertEquals(logsOf("host default www\n", true).isOff, true);
});

Deno.test("log default above a host line undoes nothing, and below it takes the file of all hosts", () => {
  const logs = logsOf("log off\nparameter access-log all.log\nhost default www\nhost a www\nlog default\n");
  assertEquals(logs.for("default"), null);
  assertEquals(logs.for("a"), { standardOutput: true, file: "all.log" });
});

Deno.test("hosts with the same destination share one object, so that their lines share a batch", () => {
  const logs = logsOf("host default www\nhost a www\n");
  assertEquals(logs.for("default") === logs.for("a"), true);
});
