/** The live view of a running server: its page, its events, and that nothing is sent while nobody looks. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { exchange, get, RawClient } from "../client.ts";
import { until } from "../faults/started.ts";
import { ServerProcess } from "../process.ts";
import { TempFolder } from "../temp_folder.ts";

async function withServer(test: (server: ServerProcess, admin: number) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  folder.write("www/a.txt", "content");
  folder.write("web.conf", "host default www\nparameter admin 0\nparameter log off\nparameter timeout 0.4\n");
  await using server = await ServerProcess.start(["-a", "127.0.0.1", "-w", "2"], { cwd: folder.path });
  await test(server, Number(/http:\/\/127\.0\.0\.1:(\d+)\/live/.exec(server.banner)?.[1]));
}

/** The events of the live view as a browser gets them. */
class Events {
  readonly #client: RawClient;
  #text = "";

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async open(port: number): Promise<Events> {
    const client = await RawClient.connect(port);
    await client.send(get("/live/events"));
    return new Events(client);
  }

  /** Reads frames until one has what `read` looks for. */
  async until<T>(read: (frame: Frame) => T | undefined): Promise<T> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        this.#text += new TextDecoder().decode(await this.#client.take(1));
        continue;
      }
      const found = /^data: (.*)$/m.exec(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
      const result = found === null ? undefined : read(JSON.parse(found[1]!));
      if (result !== undefined) return result;
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

interface Frame {
  readonly worker: number;
  readonly connections: readonly (readonly [number, string, number, number, number, string, string | null])[];
  readonly ended: readonly (readonly [number, string])[];
  readonly sweeps: number;
  readonly requests: number;
  readonly shown: readonly (readonly [number, number, string])[];
}

Deno.test("/live is a page that may load its own script, style and events only", async () => {
  await withServer(async (_server, port) => {
    const page = await exchange(port, get("/live"));
    const policy = page.field("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    assertEquals(/<script(?! src="\/live\.js" defer>)| on\w+=| style=/.test(page.text), false);
    assertEquals((await exchange(port, get("/live.js"))).field("content-type"), "text/javascript; charset=utf-8");
    assertEquals((await exchange(port, get("/live.css"))).field("content-type"), "text/css; charset=utf-8");
  });
});

Deno.test("/live/events shows a connection, its request, the sweep, and whom it closes", async () => {
  await withServer(async (server, port) => {
    using events = await Events.open(port);
    using client = await RawClient.connect(server.port);
    await client.send("GET /a.t");
    const held = await events.until((frame) => frame.connections.find((each) => each[4] > 0));
    assertEquals([held[1], held[4]], ["receiving", 8]);
    await client.send("xt HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.response();
    const request = await events.until((frame) => frame.shown[0]);
    assertEquals([request[0], request[2]], [200, "GET /a.txt"]);
    const ended = await events.until((frame) => frame.ended.find((each) => each[1] === "idle"));
    assertEquals(ended[0], held[0]);
    await events.until((frame) => frame.sweeps > 0 ? true : undefined);
  });
});

Deno.test("/live/events sends frames of every worker, and no client's text can end an event", async () => {
  await withServer(async (server, port) => {
    using events = await Events.open(port);
    await exchange(server.port, "GET /\x85\x0d\xe2\x80\xa8\n\n HTTP/1.1\r\nHost: a\r\n\r\n");
    const workers = new Set<number>();
    await events.until(({ worker }) => workers.add(worker).size === 2 ? true : undefined);
  });
});

Deno.test("workers send nothing for the view once the last browser has gone", async () => {
  await withServer(async (_server, port) => {
    const cost = async () => {
      const text = (await exchange(port, get("/metrics"))).text;
      return Number(/^sweepd_view_frames_total (\d+)$/m.exec(text)?.[1]);
    };
    assertEquals(await cost(), 0);
    {
      using events = await Events.open(port);
      await events.until(() => true);
    }
    let last = await cost();
    assertEquals(last > 0, true);
    const isQuiet = async () => {
      await new Promise((resolve) => setTimeout(resolve, 600)); // Three frames of each worker.
      const before = last;
      last = await cost();
      return last === before;
    };
    await until(isQuiet, () => `${last} frames`);
  });
});
