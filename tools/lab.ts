/**
 * The lab's grader: makes every check of the lab against this server or another one, and prints points.
 * `deno task lab --make FOLDER` writes the files that another server must serve.
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";
import { ownCommand } from "../bench/own.ts";
import { type Bench, formatResult, grade, type Group, type Result, total } from "./lab/check.ts";
import { CONTENT } from "./lab/content.ts";
import { CONVERSATIONS } from "./lab/conversations.ts";
import { type Starting, withProgram } from "./lab/program.ts";
import { PROTOCOLS } from "./lab/protocols.ts";
import { makeSite, TIMEOUT_SECONDS } from "./lab/site.ts";
import { STARTS } from "./lab/starts.ts";
import type { Place } from "./lab/wire.ts";
import { Mistake, runTool } from "./mistake.ts";

const USAGE = `usage: lab [HOST:PORT] [options] | lab --run COMMAND [options] | lab --make FOLDER
  HOST:PORT    the server to grade; without it, sweepd is started and graded
  --run        how to start the server to grade; -p PORT is added, and web.conf is in its folder
  --question   HOST:PORT of a server of the question protocol
  --echo       HOST:PORT of an echo server
  --timeout    the idle timeout in seconds of HOST:PORT (${TIMEOUT_SECONDS}); 0: it has none
  --seconds    how long each load test takes (10)
  --json       the results as one line of JSON
  --make       write the folder that a server at HOST:PORT must serve (FOLDER/www), and a web.conf`;

/** The checks, in the order in which a student builds a server. */
export const GROUPS: readonly Group[] = [...CONTENT, ...CONVERSATIONS, ...STARTS, ...PROTOCOLS];

interface Options {
  readonly address: string | null;
  readonly run: string | null;
  readonly question: string | null;
  readonly echo: string | null;
  readonly make: string | null;
  readonly timeoutSeconds: number;
  readonly loadSeconds: number;
  readonly isJson: boolean;
}

function readOptions(args: readonly string[]): Options {
  const { _: words, ...flags } = parseArgs([...args], {
    string: ["timeout", "seconds", "make", "run", "question", "echo", "_"],
    boolean: ["json"],
    unknown: (word, key) => {
      if (key !== undefined) throw new Mistake(`unknown flag ${word}\n${USAGE}`, { code: 2 });
    },
  });
  if (words.length > 1) throw new Mistake(`"${words[1]}" is one word too many\n${USAGE}`, { code: 2 });
  const textOf = (name: string) => flags[name] === undefined ? null : String(flags[name]);
  return {
    address: words.length === 0 ? null : String(words[0]),
    run: textOf("run"),
    question: textOf("question"),
    echo: textOf("echo"),
    make: textOf("make"),
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
  if (options.address !== null) return await gradeAt(placeOf(options.address), options, null);
  const command = options.run === null ? ownCommand([]) : options.run.split(" ").filter((word) => word !== "");
  const grading = (place: Place, others: Others) => gradeAt(place, { ...options, ...others }, { command });
  return await withProgram({ command }, options.run === null ? makeQuietSite : makeSite, (place) => {
    return options.run === null ? withExamples((others) => grading(place, others)) : grading(place, {});
  });
}

/** The access log of our own server would stand between the points. */
async function makeQuietSite(folder: string): Promise<void> {
  await makeSite(folder);
  await Deno.writeTextFile(`${folder}/web.conf`, "parameter log off\n", { append: true });
}

type Others = Partial<Pick<Options, "question" | "echo">>;

/** Runs our servers of the other two protocols while `use` runs. */
async function withExamples<T>(use: (others: Others) => Promise<T>): Promise<T> {
  const run = (file: string, ...args: readonly string[]) => {
    const path = fromFileUrl(new URL(`../examples/${file}/server.ts`, import.meta.url));
    const config = fromFileUrl(new URL("../deno.json", import.meta.url));
    return { command: [Deno.execPath(), "run", "--no-prompt", "--allow-net", "--config", config, path, ...args] };
  };
  const empty = () => Promise.resolve();
  return await withProgram(run("question", "127.0.0.1"), empty, (question) => {
    return withProgram(run("echo"), empty, (echo) => {
      return use({ question: `127.0.0.1:${question.port}`, echo: `127.0.0.1:${echo.port}` });
    });
  });
}

async function make(folder: string): Promise<number> {
  await makeSite(folder);
  console.log(`Serve ${folder}/www (with an idle timeout of ${TIMEOUT_SECONDS} s), then: deno task lab HOST:PORT`);
  return 0;
}

function placeOf(word: string): Place {
  const url = URL.parse(word.includes("://") ? word : `http://${word}`);
  if (url === null || url.hostname === "") throw new Mistake(`"${word}" is not HOST:PORT`, { code: 2 });
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return { hostname, port: Number(url.port || 80), host: "localhost" };
}

/** Grades, prints the points, and returns 0 if none is missing. */
async function gradeAt(place: Place, options: Options, starting: Starting | null): Promise<number> {
  const { timeoutSeconds, loadSeconds, isJson } = options;
  const [question, echo] = [options.question, options.echo].map((word) => word === null ? null : placeOf(word));
  const isConfined = Deno.build.os !== "windows" && Deno.uid() !== 0;
  const others = { starting, question: question ?? null, echo: echo ?? null };
  const bench: Bench = { place, timeoutSeconds, loadSeconds, isConfined, ...others };
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
