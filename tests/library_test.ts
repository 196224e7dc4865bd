/** The programs of the README's "As a library", as they stand there: each is type-checked, run, and asked. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chunks } from "../src/net/chunks.ts";
import { connect, ConnectError } from "../src/net/connect.ts";
import { listen } from "../src/net/listen.ts";
import { writeAll } from "../src/net/write_all.ts";
import { PROJECT } from "./process.ts";
import { withSite } from "./site.ts";
import { TempFolder } from "./temp_folder.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const README = await Deno.readTextFile(`${PROJECT}/README.md`);
const SECTION = README.split("\n## ").find((section) => section.startsWith("As a library\n")) ?? "";
const PROGRAMS = Array.from(SECTION.matchAll(/```ts\n([^]*?)```/g), ([, program]) => program!);

/** The port of every program in the README. */
const PORT = "port: 8000";

const GET = "GET / HTTP/1.0\r\n\r\n";

/** What is said to each server of the README, by a word that only its program has, and what it answers. */
const SERVERS = [
  { word: "files(", asked: GET, answer: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/ },
  { word: "textResponse(", asked: GET, answer: /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nGET for the host ""\n$/ },
  { word: "Date()", asked: "", answer: /^20[0-9-]{8}T[0-9:.]{12}Z\n$/ },
  { word: "consume(", asked: "hello", answer: /^5 bytes\n$/ },
];

for (const { word, asked, answer } of SERVERS) {
  Deno.test(`the README's server with ${word} runs, and answers`, async () => {
    const port = freePort();
    await withProgram(programWith(word), port, async (child) => {
      try {
        assertMatch(await answerOf(port, asked), answer);
      } finally {
        child.kill("SIGKILL");
      }
    });
  });
}

Deno.test("the README's client runs, and prints what a server answers", async () => {
  await withSite({ files: { "index.html": "hello" } }, async ({ port }) => {
    await withProgram(programWith("HttpClient"), port, async (child) => {
      const { code, stdout } = await child.output();
      assertEquals([code, new TextDecoder().decode(stdout)], [0, "200 hello\n"]);
    });
  });
});

Deno.test("each program of the README's library section is tested, and is short", () => {
  assertEquals(PROGRAMS.length, SERVERS.length + 1);
  const lengths = PROGRAMS.map(lengthOf);
  assert(lengths.slice(0, -1).every((length) => length <= 5) && lengths.at(-1)! <= 10, `${lengths} lines`);
});

/** Lines, without the empty ones at the end. */
function lengthOf(program: string): number {
  return program.trimEnd().split("\n").length;
}

function programWith(word: string): string {
  const programs = PROGRAMS.filter((program) => program.includes(word));
  assertEquals(programs.length, 1, `programs with ${word}`);
  return programs[0]!;
}

/** Runs a program with another port than it names, in a folder that holds `www`, for the length of `test`. */
async function withProgram(
  program: string,
  port: number,
  test: (child: Deno.ChildProcess) => Promise<void>,
): Promise<void> {
  assert(program.includes(PORT));
  const text = program.replace('"./src/mod.ts"', JSON.stringify(`file://${PROJECT}/src/mod.ts`))
    .replace(PORT, `port: ${port}`);
  using folder = new TempFolder();
  folder.write("www/index.html", "hello");
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--check",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      `--config=${PROJECT}/deno.json`,
      folder.write("try.ts", text),
    ],
    cwd: folder.path,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  await test(child);
  if (!child.stdout.locked) await child.stdout.cancel();
  await child.status;
}

/** A port of this machine on which nobody listens: it was free a moment ago. */
function freePort(): number {
  const listener = listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

/** What a server says to `text` and the end of it, as soon as it listens: half a minute at most. */
async function answerOf(port: number, text: string): Promise<string> {
  for (let tries = 0;; tries++) {
    try {
      return await ask(port, text);
    } catch (error) {
      if (!(error instanceof ConnectError) || tries === 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function ask(port: number, text: string): Promise<string> {
  const socket = await connect({ hostname: "127.0.0.1", port });
  try {
    await writeAll(socket, new TextEncoder().encode(text));
    await socket.closeWrite();
    let answer = "";
    for await (const chunk of chunks(socket)) answer += new TextDecoder().decode(chunk);
    return answer;
  } finally {
    socket.close();
  }
}
