/**
 * The server's rules for one connection, as a model that a page can show: accumulator, requests, mark and sweep.
 * Pure: knows no page and no real time. A test compares it with the server's own code.
 */

/** Times in milliseconds and sizes in bytes. Times are those of web.conf here; the real accumulator has 1024 bytes. */
export const LIMITS = { idleMs: 5000, messageMs: 10000, sweepMs: 500, minBytes: 64, maxBytes: 256 };

/** The buffer of received bytes, one character each. */
export class Accumulator {
  start = 0;
  end = 0;
  chars;
  #limits;

  constructor(limits = LIMITS) {
    this.#limits = limits;
    this.chars = new Array(limits.minBytes).fill("");
  }

  get capacity() {
    return this.chars.length;
  }

  get length() {
    return this.end - this.start;
  }

  /** The received bytes that are not consumed. */
  get text() {
    return this.chars.slice(this.start, this.end).join("");
  }

  /** The free bytes for the next read: moves the bytes to the front, or doubles the buffer, if too few are free. */
  space() {
    if (this.start === this.end) this.start = this.end = 0;
    if (this.capacity - this.end < this.#limits.minBytes / 2) this.#makeRoom();
    return this.capacity - this.end;
  }

  /** Stores bytes that were read into the space. */
  commit(text) {
    for (const char of text) this.chars[this.end++] = char;
  }

  consume(count) {
    this.start += count;
  }

  #makeRoom() {
    if (this.start > 0) {
      const kept = this.chars.slice(this.start, this.end);
      kept.forEach((char, index) => this.chars[index] = char);
      this.end -= this.start;
      this.start = 0;
    } else if (this.capacity < this.#limits.maxBytes) {
      const more = Math.min(this.capacity * 2, this.#limits.maxBytes) - this.capacity;
      this.chars.push(...new Array(more).fill(""));
    }
  }
}

/**
 * The first request in `text`: its length, `"partial"`, or why it is refused. Real heads have more rules. These are the
 * ones that show when bytes are typed.
 */
export function parseRequest(text) {
  const lead = /^(?:\r\n){0,4}/.exec(text)[0].length; // Empty lines before a request are ignored (RFC 9112, 2.2).
  let isFirst = true;
  for (let at = lead;; isFirst = false) {
    const lf = text.indexOf("\n", at);
    if (lf < 0) return "partial";
    if (lf === 0 || text[lf - 1] !== "\r") return { refusal: "a line ends with LF alone" };
    const line = text.slice(at, lf - 1);
    if (isFirst && !/^[!-~]+ [!-~]+ HTTP\/1\.[0-9]$/.test(line)) return { refusal: "this is no request line" };
    if (!isFirst && line === "") return finish(text.slice(lead, lf + 1), lf + 1);
    if (!isFirst && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/.test(line)) return { refusal: "this is no field line" };
    at = lf + 1;
  }
}

function finish(head, length) {
  const hosts = head.match(/\r\nhost:/gi) ?? [];
  return hosts.length === 1 ? { length } : { refusal: hosts.length === 0 ? "no Host" : "Host more than once" };
}

/** Bytes of a small answer, and of the answers to a refused request and to one that came too late. */
const ANSWER_BYTES = { 200: 137, 400: 524, 408: 515 };

/** One connection of the server. */
export class Connection {
  nowMs = 0;
  /** `waiting`: between two requests. `receiving`: within one. `closed`. */
  activity = "waiting";
  /** When bytes last moved in either direction. */
  markMs = 0;
  /** When the request that is being received began. */
  messageMs = Infinity;
  /** What the parser said last, for the reader. */
  verdict = "No byte has arrived.";
  /** The statuses of the answers. */
  answers = [];
  /** The events, as `-d` prints them. */
  trace = [];
  input;
  #limits;

  constructor(limits = LIMITS) {
    this.#limits = limits;
    this.input = new Accumulator(limits);
    this.#note("accept", "from 127.0.0.1:50000; 1 open");
  }

  /** Bytes arrive. The loop reads as often as it must, and handles all complete requests after each read. */
  arrive(text) {
    for (let rest = text; rest !== "" && this.activity !== "closed";) {
      const space = this.input.space();
      if (space === 0) return this.#refuse(431, "the head is too long");
      const chunk = rest.slice(0, space);
      rest = rest.slice(chunk.length);
      this.input.commit(chunk);
      this.markMs = this.nowMs;
      if (this.messageMs === Infinity) this.messageMs = this.nowMs;
      this.#note("read", `${chunk.length} bytes; accumulator holds ${this.input.length}; marked`);
      this.#handle();
    }
  }

  /** Time passes. Each half second, the sweep compares the marks with the clock. */
  advance(ms) {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs && this.activity !== "closed";) {
      const next = (Math.floor(this.nowMs / this.#limits.sweepMs) + 1) * this.#limits.sweepMs;
      this.nowMs = Math.min(endMs, next);
      if (this.nowMs === next) this.#sweep();
    }
  }

  /** Why the sweep closes the connection now; `null`: it does not. */
  overdue() {
    if (this.activity === "receiving" && this.nowMs - this.messageMs > this.#limits.messageMs) return "message overdue";
    const isIdle = this.activity !== "closed" && this.nowMs - this.markMs > this.#limits.idleMs;
    return isIdle ? "idle" : null;
  }

  /** Answers all complete requests with one write, and keeps the rest. */
  #handle() {
    let count = 0;
    let parsed = parseRequest(this.input.text);
    for (; typeof parsed === "object" && parsed.length !== undefined; parsed = parseRequest(this.input.text)) {
      this.input.consume(parsed.length);
      this.answers.push(200);
      count++;
    }
    if (typeof parsed === "object") return this.#refuse(400, parsed.refusal, count);
    if (count > 0) {
      this.#write(count * ANSWER_BYTES[200]);
      this.messageMs = this.input.length > 0 ? this.markMs : Infinity;
    }
    this.activity = this.input.length > 0 ? "receiving" : "waiting";
    this.verdict = describe(count, this.input.length);
  }

  /** The answers to `count` complete requests leave with the refusal. */
  #refuse(status, reason, count = 0) {
    this.verdict = `Refused: ${reason}. The server answers ${status} and closes.`;
    this.answers.push(status);
    this.#write(count * ANSWER_BYTES[200] + (ANSWER_BYTES[status] ?? ANSWER_BYTES[400]));
    this.#close("done");
  }

  #sweep() {
    const reason = this.overdue();
    if (reason === null) return;
    this.#note("sweep", `${reason} while ${this.activity}`);
    this.verdict = reason === "idle"
      ? "Swept: the mark is older than the timeout."
      : "Swept: the request is older than its deadline, although bytes came all the time.";
    if (this.activity === "receiving") {
      this.answers.push(408);
      this.#write(ANSWER_BYTES[408]);
    }
    this.#close(reason);
  }

  #write(count) {
    this.markMs = this.nowMs;
    this.#note("write", `${count} bytes; marked`);
  }

  #close(reason) {
    this.activity = "closed";
    this.#note("close", reason);
  }

  #note(kind, details) {
    this.trace.push(`${(this.nowMs / 1000).toFixed(3).padStart(8)} #1       ${kind.padEnd(7)}${details}`);
  }
}

function describe(count, rest) {
  const answered = count === 0
    ? ""
    : `${count} complete ${count === 1 ? "request" : "requests"}, answered with one write. `;
  if (rest > 0) {
    return `${answered}Partial: ${rest} ${rest === 1 ? "byte stays" : "bytes stay"}, and the loop waits for more.`;
  }
  return `${answered}The accumulator is empty.`;
}
