/** The script of the live view, on a document of the test: what it shows of a frame, and that pausing ends the events. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Frame } from "../../src/admin/frame.ts";
import { LIVE_PAGE } from "../../src/admin/live_page.ts";
import { LIVE_SCRIPT } from "../../src/admin/live_script.ts";

/** As much of an element as the script uses. It has no `innerHTML`, so text can become no markup. */
class FakeElement {
  textContent = "";
  className = "";
  width = 0;
  height = 0;
  readonly clientWidth = 800;
  readonly style = {};
  readonly children: FakeElement[] = [];
  readonly listeners = new Map<string, (event: unknown) => void>();
  readonly drawn: string[] = [];

  append(child: FakeElement): void {
    this.children.push(child);
  }

  prepend(child: FakeElement): void {
    this.children.unshift(child);
  }

  get lastChild() {
    return { remove: () => void this.children.pop() };
  }

  setAttribute(): void {}

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.listeners.set(type, listener);
  }

  /** A pen that notes what is filled. */
  getContext() {
    const note = (...words: unknown[]) => void this.drawn.push(words.join(" "));
    return { setTransform: () => {}, clearRect: () => this.drawn.splice(0), fillRect: note, fillText: note };
  }

  /** The text of this element and of all below it. */
  get text(): string {
    return this.textContent + this.children.map(({ text }) => text).join("");
  }
}

class FakeSource {
  static last: FakeSource;
  isClosed = false;
  onmessage: (event: { data: string }) => void = () => {};

  constructor(readonly url: string) {
    FakeSource.last = this;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Runs the script. `tick` lets it draw once. */
function runScript() {
  const elements = new Map<string, FakeElement>();
  for (const [, id] of LIVE_PAGE.matchAll(/id="(\w+)"/g)) elements.set(id!, new FakeElement());
  let tick = () => {};
  let now = 0;
  const scope = {
    document: {
      hidden: false,
      documentElement: null,
      createElement: () => new FakeElement(),
      getElementById: (id: string) => elements.get(id),
    },
    matchMedia: () => ({ matches: false, addEventListener: () => {} }),
    getComputedStyle: () => ({ getPropertyValue: (name: string) => name }),
    addEventListener: () => {},
    setInterval: (call: () => void) => tick = call,
    EventSource: FakeSource,
    devicePixelRatio: 1,
    performance: { now: () => now },
  };
  new Function(...Object.keys(scope), LIVE_SCRIPT)(...Object.values(scope));
  return {
    element: (id: string) => elements.get(id)!,
    send: (frame: Partial<Frame>) => FakeSource.last.onmessage({ data: JSON.stringify({ ...EMPTY, ...frame }) }),
    tick: (ms = 500) => {
      now += ms;
      for (let count = 0; count < 5; count++) tick();
    },
  };
}

const EMPTY: Frame = {
  worker: 1,
  idleMs: 5000,
  open: 0,
  connections: [],
  sweeps: 0,
  ended: [],
  requests: 0,
  shown: [],
};

const CONNECTION: Frame["connections"][number] = [7, "receiving", 9000, 2500, 100, "192.0.2.7:4000", null, null];

Deno.test("the script shows the numbers of all workers", () => {
  const { element, send, tick } = runScript();
  assertEquals(FakeSource.last.url, "/live/events");
  send({ open: 3, requests: 40 });
  send({ worker: 2, open: 4, requests: 20 });
  tick();
  assertEquals(["open", "rate", "workers", "swept"].map((id) => String(element(id).textContent)), [
    "7",
    "30",
    "2",
    "0",
  ]);
  assertStringIncludes(element("timeout").textContent, "At 5 s the next sweep closes the connection");
});

Deno.test("the script draws a bar for each connection: state, accumulator and mark", () => {
  const { element, send, tick } = runScript();
  send({ open: 1, connections: [CONNECTION] });
  tick(0);
  const [x, , width] = element("bars").drawn[1]!.split(" ").map(Number); // The track, after the colour of the state.
  const mark = element("bars").drawn.map((line) => line.split(" ").map(Number)).find(([, , wide]) => wide === 3);
  assertEquals(Math.abs(mark![0]! - (x! + (width! - 3) / 2)) < 2, true); // Half of the timeout is over.
});

/** A point in a rectangle that was drawn. */
function inside(drawn: string): { offsetX: number; offsetY: number } {
  const [x = NaN, y = NaN, width = NaN, height = NaN] = drawn.split(" ").map(Number);
  return { offsetX: x + width / 2, offsetY: y + height / 2 };
}

Deno.test("the script tells the streams of a connection of HTTP/2, and has a colour for closed windows", () => {
  const { element, send, tick } = runScript();
  const legend = element("legend").children.map(({ className }) => className);
  assertEquals(legend.includes("blocked"), true);
  send({ open: 1, connections: [[7, "blocked", 9000, 2500, 0, "192.0.2.7:4000", "1: GET /a HTTP/2.0, 3: GET /b", 2]] });
  tick(0);
  element("bars").listeners.get("mousemove")!(inside(element("bars").drawn[1]!));
  assertStringIncludes(element("detail").textContent, "blocked, accumulator 0 bytes");
  assertStringIncludes(element("detail").textContent, "HTTP/2 with 2 streams, 1: GET /a HTTP/2.0");
});

Deno.test("the script names a connection that the sweep has closed, and counts it", () => {
  const { element, send, tick } = runScript();
  send({ open: 1, connections: [CONNECTION] });
  send({ ended: [[7, "idle"], [8, "done"]], sweeps: 1 });
  tick();
  assertEquals(String(element("swept").textContent), "1");
  assertEquals(element("ended").children.map(({ text }) => text), ["idle worker 1, 192.0.2.7:4000"]);
  assertStringIncludes(element("bars").drawn.join("\n"), "swept: idle");
});

Deno.test("the script shows requests as text, the last one first, and a limited number", () => {
  const { element, send } = runScript();
  for (let count = 0; count < 30; count++) send({ shown: [[200, 0.1, `GET /${count}<b>`]] });
  const shown = element("requests").children.map(({ text }) => text);
  assertEquals([shown.length, shown[0]], [12, "200 GET /29<b>  0.1 ms"]);
});

Deno.test("Pause ends the events, and the next click begins them again", () => {
  const { element } = runScript();
  const first = FakeSource.last;
  element("pause").listeners.get("click")!({});
  assertEquals([first.isClosed, element("pause").textContent], [true, "Go on"]);
  element("pause").listeners.get("click")!({});
  assertEquals([FakeSource.last === first, element("pause").textContent], [false, "Pause"]);
});
