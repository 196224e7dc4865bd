/**
 * The server in a thousand simulations, each with its own faults. `deno task simulate` runs more of them.
 */

import { assert, assertEquals } from "@std/assert";
import { INVARIANTS } from "./invariants.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 1000;

Deno.test(`the server keeps its invariants in ${SEEDS} simulations`, async () => {
  let answers = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await simulate(seed);
    answers += outcome.answers;
    const { violation } = outcome;
    assert(violation === null, `${violation?.message}\nReplay it with: deno task simulate --seed ${seed} --verbose`);
  }
  assert(answers > 5 * SEEDS, `only ${answers} answers, so the clients sent too few requests`);
});

const SECURED_SEEDS = 200;

Deno.test(`the server keeps its invariants over a double of TLS in ${SECURED_SEEDS} simulations`, async () => {
  for (let seed = 1; seed <= SECURED_SEEDS; seed++) {
    const { violation } = await simulate(seed, undefined, { isSecured: true });
    const replay = `Replay it with: deno task simulate --seed ${seed} --secured --verbose`;
    assert(violation === null, `${violation?.message}\n${replay}`);
  }
});

const HTTP2_SEEDS = { plain: 300, secured: 100 };

for (const [how, seeds] of Object.entries(HTTP2_SEEDS)) {
  Deno.test(`the server keeps its invariants with clients of HTTP/2, ${how}, in ${seeds} simulations`, async () => {
    const isSecured = how === "secured";
    let answers = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const outcome = await simulate(seed, undefined, { isSecured, isHttp2: true });
      answers += outcome.answers;
      const replay = `Replay it with: deno task simulate --seed ${seed} --http2${
        isSecured ? " --secured" : ""
      } --verbose`;
      assert(outcome.violation === null, `${outcome.violation?.message}\n${replay}`);
    }
    assert(answers > 20 * seeds, `only ${answers} answers, so the clients sent too few requests`);
  });
}

for (const isHttp2 of [false, true]) {
  Deno.test(`simulate() produces the same trace for the same seed ${isHttp2 ? "of HTTP/2" : ""}`.trim(), async () => {
    for (let seed = 1; seed <= 20; seed++) assertEquals(await storyOf(seed, isHttp2), await storyOf(seed, isHttp2));
  });
}

Deno.test("every invariant of the index is checked somewhere", async () => {
  const here = new URL(".", import.meta.url);
  const namesIn = (folder: string) =>
    Array.from(Deno.readDirSync(new URL(folder, here)), ({ name }) => folder + name).filter((name) =>
      name.endsWith(".ts")
    );
  const names = [...namesIn("./"), ...namesIn("http2/")].filter((name) => name !== "./invariants.ts");
  const sources = await Promise.all(names.map((name) => Deno.readTextFile(new URL(name, here))));
  const unchecked = Object.keys(INVARIANTS).filter((name) => !sources.some((source) => source.includes(`"${name}"`)));
  assertEquals(unchecked, []);
});

async function storyOf(seed: number, isHttp2: boolean): Promise<string[]> {
  const lines: string[] = [];
  await simulate(seed, (line) => lines.push(line), { isHttp2 });
  return lines;
}
