/** The sample files of the website: what is stored is what the tool makes. */

import { assertEquals } from "@std/assert";
import { PROJECT } from "../process.ts";
import { withFiles } from "./staged.ts";

Deno.test("tools/make_samples.ts makes the files of www/files and the icon, byte for byte as they are stored", async () => {
  await withFiles({}, async (folder) => {
    const args = ["run", "--no-prompt", `--allow-read=${folder}`, `--allow-write=${folder}`, "--config"];
    const tool = [`${PROJECT}/deno.json`, `${PROJECT}/tools/make_samples.ts`];
    const { code } = await new Deno.Command(Deno.execPath(), { args: [...args, ...tool], cwd: folder }).output();
    assertEquals(code, 0);
    const names = (top: string) => Array.from(Deno.readDirSync(`${top}/www/files`), ({ name }) => name).toSorted();
    assertEquals(names(folder), names(PROJECT));
    for (const path of ["favicon.ico", ...names(folder).map((name) => `files/${name}`)]) {
      const [made, stored] = [folder, PROJECT].map((top) => Deno.readFileSync(`${top}/www/${path}`));
      assertEquals(made, stored, path);
    }
  });
});
