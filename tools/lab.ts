/**
 * The lab's grader: makes every check of the lab against this server or another one, and prints points.
 * `deno task lab --make FOLDER` writes the files that another server must serve.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { withFolder, withOwnServer } from "../bench/own.ts";
import { type Bench, formatResult, grade, type Group, type Result, total } from "./lab/check.ts";
import { CONTENT } from "./lab/content.ts";
import { CONVERSATIONS } from "./lab/conversations.ts";
import { makeSite, TIMEOUT_SECONDS } from "./lab/site.ts";
import { Mistake, runTool } from "./mistake.ts";

const USAGE = `usage: lab [HOST:PORT] [--timeout SECONDS] [--seconds SECONDS] [--json] | lab --make FOLDER
  HOST:PORT   the server to grade; without it, sweepd is started and graded
  --timeout   its idle timeout in seconds (${TIMEOUT_SECONDS}); 0: it has none, and the sweep gets no points
  --seconds   how long each load test takes (10)
  --make      write the folder that the server must serve (FOLDER/www), and a web.conf`;

/** The checks, in the order in which a student builds a server. */
export const GROUPS: readonly Group[] = [...CONTENT, ...CONVERSATIONS];

interface Options {
  readonly address: string | null;
  readonly make: string | null;
  readonly timeoutSeconds: number;
  readonly loadSeconds: number;
  readonly isJson: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { _: words, ...flags } = parseArgs([...args], {
    string: ["timeout", "seconds", "make", "_"],
    boolean: ["json"],
    unknown: (word, key) => {
      if (key !== undefined) throw new Mistake(`unknown flag ${word}\n${USAGE}`, { code: 2 });
    },
  });
  if (words.length > 1) throw new Mistake(`"${words[1]}" is one word too many\n${USAGE}`, { code: 2 });
  return {
    address: words.length === 0 ? null : String(words[0]),
    make: flags["make"] === undefined ? null : String(flags["make"]),
    timeoutSeconds: secondsOf("timeout", flags["timeout"], TIMEOUT_SECONDS),
    loadSeconds: secondsOf("seconds", flags["seconds"], 10),
    isJson: flags["json"] === true,
  };
}

function secondsOf(name: string, word: unknown, otherwise: number): number {
  if (word === undefined) return otherwise;
  const seconds = /^[0-9]*\.?[0-9]+$/.test(String(word)) ? Number(word) : NaN;
  if (seconds <= 600) return seconds;
  throw new Mistake(`--${name} takes seconds, at most 600, not "${word}"`, { code: 2 });
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.make !== null) return await make(options.make);
  if (options.address !== null) return await gradeAt(placeOf(options.address), options);
  return await withFolder(async (folder) => {
    await makeSite(folder);
    await Deno.writeTextFile(`${folder}/web.conf`, "parameter log off\n", { append: true });
    const place = (port: number) => ({ hostname: "127.0.0.1", port, host: "localhost" });
    return await withOwnServer(folder, (port) => gradeAt(place(port), options));
  });
}

async function make(folder: string): Promise<number> {
  await makeSite(folder);
  console.log(`Serve ${folder}/www (with an idle timeout of ${TIMEOUT_SECONDS} s), then: deno task lab HOST:PORT`);
  return 0;
}

function placeOf(word: string): Bench["place"] {
  const url = URL.parse(word.includes("://") ? word : `http://${word}`);
  if (url === null || url.hostname === "") throw new Mistake(`"${word}" is not HOST:PORT`, { code: 2 });
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return { hostname, port: Number(url.port || 80), host: "localhost" };
}

/** Grades, prints the points, and returns 0 if none is missing. */
async function gradeAt(place: Bench["place"], options: Options): Promise<number> {
  const { timeoutSeconds, loadSeconds, isJson } = options;
  const isConfined = Deno.build.os !== "windows" && Deno.uid() !== 0;
  const bench: Bench = { place, timeoutSeconds, loadSeconds, isConfined };
  let group = "";
  const show = (result: Result) => {
    if (isJson) return;
    if (result.group !== group) console.log(`\n${group = result.group}`);
    console.log(formatResult(result));
  };
  if (!isJson) console.log(`The lab, for ${place.hostname}:${place.port}`);
  const results = await grade(GROUPS, bench, show);
  const { points, of } = total(results);
  console.log(isJson ? JSON.stringify({ points, of, results }) : `\n${points} of ${of} points`);
  return points === of ? 0 : 1;
}

if (import.meta.main) Deno.exit(await runTool("lab", () => main(Deno.args)));
