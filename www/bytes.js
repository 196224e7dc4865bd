/** The page "Byte by byte": buttons and a picture around the model of model.js. */

import { Connection, LIMITS } from "./model.js";

const ONE = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n";
const TWO = `${ONE}GET /b HTTP/1.1\r\nHost: lab\r\n\r\n`;
const TEXTS = { one: ONE, two: TWO, half: `${TWO}GET /c HT`, lf: "GET / HTTP/1.1\nHost: lab\n\n" };

/** How long a step of the clock takes when the page plays. Fewer steps for readers who want less motion. */
const TICK_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? LIMITS.sweepMs : 100;

const $ = (id) => document.getElementById(id);

let connection;
let unsent;
let timer = null;

function restart() {
  pause();
  connection = new Connection();
  unsent = TEXTS[$("text").value];
  draw();
}

function send(count) {
  connection.arrive(unsent.slice(0, count));
  unsent = unsent.slice(count);
  draw();
}

/** Sends up to the end of the first request. */
function sendRequest() {
  const end = unsent.indexOf("\r\n\r\n");
  send(end < 0 ? unsent.length : end + 4);
}

function pass(ms) {
  connection.advance(ms);
  if (connection.activity === "closed") pause();
  draw();
}

function play() {
  timer = setInterval(() => pass(TICK_MS), TICK_MS);
  drawButtons();
}

function pause() {
  clearInterval(timer);
  timer = null;
}

function toggle() {
  if (timer === null) return play();
  pause();
  drawButtons();
}

const SIGNS = { "\r": "CR", "\n": "LF", " ": "SP" };

/** A byte as a cell: CR, LF and blanks by name. */
function cell(char, kind) {
  const element = document.createElement("span");
  element.className = `cell ${kind}${char in SIGNS ? " sign" : ""}`;
  element.textContent = SIGNS[char] ?? char;
  return element;
}

function draw() {
  const { input, activity, nowMs, markMs, messageMs, verdict, answers, trace } = connection;
  const left = Array.from(unsent, (char, index) => cell(char, index === 0 ? "next" : ""));
  $("unsent").replaceChildren(...left);
  $("sent").textContent = unsent === "" ? "Everything is sent." : `${unsent.length} bytes, the next one first.`;
  $("buffer").replaceChildren(
    ...input.chars.map((char, at) =>
      at < input.start ? cell(char, "consumed") : at < input.end ? cell(char, "held") : cell("", "free")
    ),
  );
  describe("unsent", unsent, "Not sent");
  describe("buffer", input.text, "The accumulator holds");
  $("places").textContent = `start ${input.start}, end ${input.end}, capacity ${input.capacity}`;
  $("verdict").textContent = verdict;
  $("answers").textContent = answers.length === 0 ? "none" : answers.join(", ");
  $("state").textContent = activity;
  $("clock").textContent = `${(nowMs / 1000).toFixed(1)} s`;
  meter("mark", activity === "closed" ? 0 : nowMs - markMs, LIMITS.idleMs);
  meter("message", activity === "receiving" ? nowMs - messageMs : 0, LIMITS.messageMs);
  $("trace").textContent = trace.join("\n");
  $("trace").scrollTop = $("trace").scrollHeight;
  drawButtons();
}

/** The bytes as text, for readers who do not see the cells. */
function describe(id, text, what) {
  const words = text === "" ? "nothing" : text.replaceAll("\r", " CR ").replaceAll("\n", " LF ");
  $(id).setAttribute("aria-label", `${what}: ${words}`);
}

function meter(id, ms, maxMs) {
  $(id).value = Math.min(ms, maxMs);
  $(`${id}-text`).textContent = `${(ms / 1000).toFixed(1)} of ${maxMs / 1000} s`;
}

function drawButtons() {
  const isClosed = connection.activity === "closed";
  for (const id of ["byte", "request", "all"]) $(id).disabled = isClosed || unsent === "";
  for (const id of ["wait", "play"]) $(id).disabled = isClosed;
  $("play").textContent = timer === null ? "Let time pass" : "Pause";
  if (document.activeElement?.disabled) $("restart").focus(); // A disabled button would lose the keyboard's place.
}

$("byte").addEventListener("click", () => send(1));
$("request").addEventListener("click", sendRequest);
$("all").addEventListener("click", () => send(unsent.length));
$("wait").addEventListener("click", () => pass(LIMITS.sweepMs));
$("play").addEventListener("click", toggle);
$("restart").addEventListener("click", restart);
$("text").addEventListener("change", restart);
$("lab").hidden = false; // Without a script, the page shows its table only.
restart();
