/** Which Host values can be no other web site's. */

import { assertEquals } from "@std/assert";
import { isOwnHost } from "../../src/admin/origin.ts";

Deno.test("isOwnHost() accepts addresses, localhost and hosts of web.conf, and no other name", () => {
  const names = ["lab.example", "*.app.test"];
  for (const host of ["", "127.0.0.1", "192.0.2.1", "[::1]", "localhost", "a.localhost", "lab.example", "x.app.test"]) {
    assertEquals([host, isOwnHost(host, names)], [host, true]);
  }
  for (const host of ["evil.test", "app.test", "xapp.test", "lab.example.evil.test", "1.2.3.4.evil.test", "0x7f.1"]) {
    assertEquals([host, isOwnHost(host, names)], [host, false]);
  }
});
