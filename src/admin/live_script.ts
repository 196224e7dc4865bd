/**
 * The script of the live view: draws the frames that the server sends. Data for a browser.
 * @module
 */

/** The script. It builds no HTML from text, so a client's text cannot become markup. */
export const LIVE_SCRIPT = String.raw`"use strict";
const byId = (id) => document.getElementById(id);
const STATES = {
  waiting: "waits for a request", receiving: "a request arrives", working: "the server works",
  sending: "the client reads", blocked: "the client's windows are closed (HTTP/2)", lingering: "the server has closed its side",
};
const ACCUMULATOR_MAX = 65536;
const SWEPT = new Set(["idle", "message overdue", "too slow", "lingered", "drained"]);
const GONE_MS = 1500;
const canvas = byId("bars");
const pen = canvas.getContext("2d");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const workers = new Map(); // By number: the last frame, and when it came.
const gone = new Map(); // By key: the bar of a connection that the sweep has closed, and when.
let source = null, swept = 0, sweepAt = -Infinity, cells = [], colours = {}, rate = [], dirty = false;

for (const [state, text] of Object.entries(STATES)) {
  const item = document.createElement("li");
  item.className = state;
  item.textContent = text;
  byId("legend").append(item);
}

const held = document.createElement("li");
held.className = "held";
held.textContent = "bytes in the accumulator, 1 to 64 KiB on a logarithmic scale";
byId("legend").append(held);

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ground", "text", "soft", "track", "old", "held", "sweep", ...Object.keys(STATES)]) {
    colours[name] = style.getPropertyValue("--" + name).trim();
  }
  dirty = true;
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColours);
addEventListener("resize", () => dirty = true);
readColours();

function connect() {
  source = new EventSource("/live/events");
  source.onopen = () => byId("status").textContent = "live";
  source.onerror = () => byId("status").textContent = "the server does not answer; trying again";
  source.onmessage = ({ data }) => receive(JSON.parse(data), performance.now());
}

function receive(frame, now) {
  const before = workers.get(frame.worker);
  for (const [id, reason] of frame.ended) {
    if (!SWEPT.has(reason)) continue;
    const last = before?.byId.get(id);
    if (last) gone.set(frame.worker + ":" + id, { connection: last, reason, at: now });
    if (reason !== "lingered") swept++;
    prepend("ended", 12, [["b", "bad", reason], ["span", "soft", " worker " + frame.worker + ", " + (last ? last[5] : "#" + id)]]);
  }
  if (frame.sweeps > 0) sweepAt = now;
  workers.set(frame.worker, { ...frame, at: now, byId: new Map(frame.connections.map((each) => [each[0], each])) });
  rate.push([now, frame.requests]);
  for (const [status, ms, request] of frame.shown.slice(-4)) {
    const tone = status < 400 ? "good" : "bad";
    prepend("requests", 12, [["b", tone, status + " "], ["span", "", request], ["span", "soft", "  " + ms + " ms"]]);
  }
  dirty = true;
}

/** Puts a line on top of a list. */
function prepend(list, max, parts) {
  const item = document.createElement("li");
  for (const [tag, name, text] of parts) {
    const part = document.createElement(tag);
    if (name) part.className = name;
    part.textContent = text;
    item.append(part);
  }
  const target = byId(list);
  target.prepend(item);
  while (target.children.length > max) target.lastChild.remove();
}

function summarise(now) {
  for (const [number, { at }] of workers) if (now - at > 3000) workers.delete(number);
  rate = rate.filter(([at]) => now - at < 2000);
  const all = [...workers.values()];
  byId("open").textContent = all.reduce((sum, { open }) => sum + open, 0);
  byId("rate").textContent = Math.round(rate.reduce((sum, [, count]) => sum + count, 0) / 2);
  byId("swept").textContent = swept;
  byId("workers").textContent = all.length;
  const idle = all[0]?.idleMs ?? null;
  byId("timeout").textContent = idle === null
    ? "No connection is closed for being idle."
    : "A mark moves to the right as it ages. At " + idle / 1000 + " s the next sweep closes the connection; it passes twice a second.";
}

/** All bars in a fixed order, so that they keep their places while nothing ends. */
function bars(now) {
  const live = [...workers.entries()].sort(([a], [b]) => a - b).flatMap(([worker, frame]) =>
    frame.connections.map((connection) => ({ key: worker + ":" + connection[0], worker, frame, connection })));
  for (const [key, { at }] of gone) if (now - at > GONE_MS) gone.delete(key);
  const dead = [...gone].map(([key, { connection, reason }]) => ({ key, worker: Number(key.split(":")[0]), connection, reason }));
  return [...live, ...dead].sort((a, b) => a.worker - b.worker || a.connection[0] - b.connection[0]);
}

const SIZES = [{ upTo: 60, wide: 300, tall: 16 }, { upTo: 240, wide: 150, tall: 12 }, { upTo: Infinity, wide: 84, tall: 9 }];
let size = 0;

/** Bars become larger only well below the limit, so that they do not jump between two sizes. */
function layout(count) {
  const width = canvas.clientWidth;
  while (count > SIZES[size].upTo) size++;
  while (size > 0 && count < SIZES[size - 1].upTo * .7) size--;
  const { wide, tall } = SIZES[size];
  const columns = Math.max(1, Math.floor(width / wide));
  return { width, columns, cell: width / columns, tall, gap: tall > 10 ? 4 : 3 };
}

function draw(now) {
  const all = bars(now);
  const { width, columns, cell, tall, gap } = layout(all.length);
  const height = Math.max(200, Math.ceil(all.length / columns) * (tall + gap) + gap);
  const scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = height + "px";
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  cells = all.map((bar, index) => {
    const x = (index % columns) * cell, y = gap + Math.floor(index / columns) * (tall + gap);
    drawBar(bar, x, y, cell - 10, tall, now);
    return { bar, x, y, width: cell, height: tall + gap };
  });
  const passed = (now - sweepAt) / 450;
  if (passed < 1 && !calm.matches) {
    pen.globalAlpha = .8 * (1 - passed);
    pen.fillStyle = colours.sweep;
    pen.fillRect(passed * width, 0, 3, height);
    pen.globalAlpha = 1;
  }
}

function drawBar({ connection, frame, reason }, x, y, width, tall, now) {
  const [, state, , markAge, held] = connection;
  if (reason !== undefined) {
    pen.fillStyle = colours.old;
    pen.fillRect(x, y, width, tall);
    if (tall >= 12) label("swept: " + reason, x + 6, y + tall - 3, colours.ground);
    return;
  }
  pen.fillStyle = colours[state] ?? colours.soft;
  pen.fillRect(x, y, 4, tall);
  pen.fillStyle = colours.track;
  pen.fillRect(x + 5, y, width - 5, tall);
  const filled = Math.log2(1 + held) / Math.log2(1 + ACCUMULATOR_MAX); // One byte must be seen, and 64 KiB must fit.
  pen.fillStyle = colours.held;
  pen.fillRect(x + 5, y + tall / 3, (width - 5) * Math.min(1, filled), tall * 2 / 3);
  const age = markAge + Math.min(1000, now - frame.at);
  const part = frame.idleMs === null ? 0 : Math.min(1, age / frame.idleMs);
  pen.fillStyle = part > .8 ? colours.old : colours[state] ?? colours.soft;
  pen.fillRect(x + 5, y, (width - 5) * part, tall / 3);
  pen.fillRect(x + 5 + (width - 8) * part, y, 3, tall);
}

function label(text, x, y, colour) {
  pen.fillStyle = colour;
  pen.font = "10px system-ui, sans-serif";
  pen.fillText(text, x, y);
}

canvas.addEventListener("mousemove", ({ offsetX, offsetY }) => {
  const found = cells.find(({ x, y, width, height }) => offsetX >= x && offsetX < x + width && offsetY >= y && offsetY < y + height);
  if (!found) return;
  const { worker, connection: [id, state, age, mark, held, peer, request, streams] } = found.bar;
  byId("detail").textContent = "worker " + worker + " #" + id + " " + peer + ": " + state + ", accumulator " + held +
    " bytes, marked " + (mark / 1000).toFixed(1) + " s ago, open " + (age / 1000).toFixed(1) + " s" +
    (streams === null ? "" : ", HTTP/2 with " + streams + (streams === 1 ? " stream" : " streams")) + (request ? ", " + request : "");
});

let ticks = 0;
const DRAW_MS = 100; // Ten pictures a second show a mark move, and cost a tenth of sixty.
setInterval(() => {
  if (source === null || document.hidden) return;
  const now = performance.now();
  if (ticks++ % 5 === 0) summarise(now);
  if (dirty || workers.size > 0) draw(now);
  dirty = false;
}, DRAW_MS);

function pause() {
  const isPaused = source !== null;
  if (isPaused) source.close();
  source = null;
  byId("pause").textContent = isPaused ? "Go on" : "Pause";
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  byId("status").textContent = isPaused ? "paused; the server sends nothing" : "connecting";
  if (!isPaused) connect();
}
byId("pause").addEventListener("click", pause);
connect();
`;
