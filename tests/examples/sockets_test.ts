/** The examples of sockets print what their page says that they do. */

import { assertEquals, assertMatch } from "@std/assert";
import { PROJECT } from "../process.ts";

const OUTPUTS: Readonly<Record<string, string | RegExp>> = {
  listen: /^listening on 127\.0\.0\.1:[0-9]+\n$/,
  accept: "accepted number 1\naccepted number 2\n",
  connect: "connected\nrefused\n",
  reader: "even\nt lo\nop\nend of stream\n",
  writer: "5000000 bytes in several writes\n",
  data_reader: "14 bytes\nclosed\n",
  write_each:
    "item 0 begins\nitem 0 is sent: 3 bytes\nitem 1 begins\nitem 1 is sent: 3 bytes\n2 items arrive as onetwo\n",
  http_client: "200 GET\n200 GET\n",
};

for (const [name, expected] of Object.entries(OUTPUTS)) {
  Deno.test(`examples/sockets/${name}.ts`, async () => {
    const args = ["run", "--no-prompt", "--allow-net", `examples/sockets/${name}.ts`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PROJECT }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    if (typeof expected === "string") assertEquals(text, expected);
    else assertMatch(text, expected);
  });
}
