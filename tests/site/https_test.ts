/**
 * What a host does with plain requests, and on a listener for TLS.
 */

import { assertEquals } from "@std/assert";
import type { Request } from "../../src/http/request.ts";
import type { Response } from "../../src/http/response.ts";
import { files } from "../../src/site/handler.ts";
import { type HostOptions, Site } from "../../src/site/host.ts";
import { answerOnTlsPort } from "../../src/site/https.ts";
import { TempFolder } from "../temp_folder.ts";
import { requestOf } from "./asking.ts";

function fieldOf({ fields }: Response, name: string): string | undefined {
  return fields.find((field) => field[0].toLowerCase() === name.toLowerCase())?.[1];
}

/** The status and the Location of an answer. */
function described(response: Response): string {
  return [response.status, fieldOf(response, "location")].filter((part) => part !== undefined).join(" ");
}

function handlerFor(folder: TempFolder, options: Partial<HostOptions>): (request: Request) => Promise<Response> {
  folder.write("index.html", "index");
  folder.write("a b/c.html", "c");
  const handler = files(new Site([{ name: "default", root: folder.path, ...options }]));
  return async (request) => {
    const response = await handler(request);
    response.content.close();
    return response;
  };
}

Deno.test("https redirect sends plain requests to the listener for TLS, and no other", async () => {
  using folder = new TempFolder();
  for (const [port, authority] of [[443, "a.test"], [8443, "a.test:8443"]] as const) {
    const handle = handlerFor(folder, { httpsPort: port, redirects: [{ from: "/old", to: "/new", status: 301 }] });
    const ask = async (line: string, isSecure = false) => {
      return described(await handle({ ...requestOf(line, "Host: a.test:8080"), isSecure }));
    };
    assertEquals(await ask("GET /a%20b/c.html?x=%20y HTTP/1.1"), `308 https://${authority}/a%20b/c.html?x=%20y`);
    assertEquals(await ask("HEAD / HTTP/1.1"), `308 https://${authority}/`);
    assertEquals(await ask("GET //evil.test/.. HTTP/1.1"), `308 https://${authority}/`);
    assertEquals(await ask("GET /old HTTP/1.1"), `308 https://${authority}/old`);
    assertEquals(await ask("GET / HTTP/1.1", true), "200");
    assertEquals(await ask("GET /old HTTP/1.1", true), "301 /new");
    assertEquals(await ask("PUT / HTTP/1.1"), "405");
  }
});

Deno.test("a client that sends no host cannot be redirected, and gets nothing without TLS", async () => {
  using folder = new TempFolder();
  const handle = handlerFor(folder, { httpsPort: 443 });
  assertEquals(described(await handle({ ...requestOf("GET / HTTP/1.0"), host: "" })), "400");
});

Deno.test("a plain request on a listener for TLS is sent to https at the port that the client used", () => {
  const ask = (line: string, host: string) => described(answerOnTlsPort(requestOf(line, `Host: ${host}`), 8443));
  assertEquals(ask("GET /a?b HTTP/1.1", "a.test:9443"), "308 https://a.test:9443/a?b");
  assertEquals(ask("GET / HTTP/1.1", "a.test"), "308 https://a.test:8443/");
  assertEquals(ask("GET / HTTP/1.1", "a.test:443"), "308 https://a.test/");
  assertEquals(ask("GET / HTTP/1.1", "[::1]:9443"), "308 https://[::1]:9443/");
  assertEquals(ask("POST /form HTTP/1.1", "a.test:9443"), "308 https://a.test:9443/form");
  assertEquals(ask("OPTIONS * HTTP/1.1", "a.test"), "400");
});

Deno.test("Strict-Transport-Security is sent over TLS only", async () => {
  using folder = new TempFolder();
  const headers = [
    { pattern: "*", name: "Strict-Transport-Security", value: "max-age=600" },
    { pattern: "*", name: "X-Other", value: "yes" },
  ];
  const handle = handlerFor(folder, { headers });
  for (const line of ["GET / HTTP/1.1", "GET /none HTTP/1.1", "HEAD /a%20b/c.html HTTP/1.1"]) {
    for (let round = 0; round < 2; round++) {
      const plain = await handle(requestOf(line));
      const secured = await handle({ ...requestOf(line), isSecure: true });
      const fields = [plain, secured].map((response) => fieldOf(response, "strict-transport-security"));
      assertEquals(fields, [undefined, "max-age=600"], line);
      assertEquals([plain, secured].map((response) => fieldOf(response, "x-other")), ["yes", "yes"]);
    }
  }
});
