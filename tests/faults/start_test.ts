/**
 * The start of a real process beside others: on a port that another server takes at the same moment, that another program
 * has, or that is asked for as soon as it is open.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { PROJECT, ServerProcess } from "../process.ts";
import { problemOf, race, REFUSAL } from "../process/rivals.ts";
import { TempFolder } from "../temp_folder.ts";
import { freePort } from "./started.ts";

const IS_LINUX = Deno.build.os === "linux";

/** Some of the combinations; `deno run -A tests/process/rivals.ts` tries all. */
const RACES: readonly (readonly [addresses: readonly string[], gapMs: number])[] = [
  [["::", "::"], 0],
  [["::", "::"], 150],
  [["0.0.0.0", "0.0.0.0", "0.0.0.0"], 0],
  [["127.0.0.1", "127.0.0.1"], 20],
  [["::", "0.0.0.0", "127.0.0.1"], 0],
  [["127.0.0.1", "0.0.0.0", "::"], 50],
];

for (const [addresses, gapMs] of RACES) {
  Deno.test(`of servers started ${gapMs} ms apart on ${addresses.join(", ")} one serves, the others say why not`, async () => {
    assertEquals(problemOf(await race(addresses, gapMs)), null);
  });
}

/** Starts a server on `port` that serves one file. */
function startOn(folder: TempFolder, port: number): ServerProcess {
  folder.write("index.html", "content");
  return ServerProcess.spawn([folder.path, "-a", "127.0.0.1", "-p", `${port}`]);
}

/** Whether a request is answered. Throws what the system says. */
async function ask(port: number): Promise<boolean> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const bytes = new Uint8Array(4096);
  const count = await connection.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, count)).startsWith("HTTP/1.1 200 ");
}

Deno.test("a port that is open once stays open: from the first connection on every request is answered", async () => {
  for (let start = 0; start < 5; start++) {
    using folder = new TempFolder();
    const port = freePort();
    await using server = startOn(folder, port);
    let answered = 0;
    for (let turn = 0; turn < 10_000 && answered < 30; turn++) {
      try {
        assert(await ask(port));
        answered++;
      } catch (error) {
        if (answered > 0 || !(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assertEquals(answered, 30, server.banner);
  }
});

for (const reusePort of [false, true]) {
  Deno.test(
    `a port that another program has is refused, though it ${reusePort ? "would share" : "does not share"} it`,
    {
      ignore: reusePort && !IS_LINUX,
    },
    async () => {
      using folder = new TempFolder();
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort });
      await using server = startOn(folder, listener.addr.port);
      const outcome = await server.settled();
      assert(outcome !== "listening");
      assertEquals([outcome.code, outcome.stdout], [1, ""]);
      assertMatch(outcome.stderr, REFUSAL);
    },
  );
}

Deno.test("a UDP port that another program has does not keep a server from the TCP port of the same number", async () => {
  using folder = new TempFolder();
  const { socket, port } = holdUdp();
  try {
    await using server = startOn(folder, port);
    assertEquals(await server.settled(), "listening");
    assert(await ask(port));
  } finally {
    socket.close();
  }
});

/** A UDP port whose TCP port is free. */
function holdUdp(): { readonly socket: Deno.DatagramConn; readonly port: number } {
  const port = freePort();
  return { socket: Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port }), port };
}

/** Asks over IPv4 and IPv6 in a network of its own, in which `::` does not mean IPv4. */
const IN_ITS_OWN_NETWORK = `
set -e
python3 -c '
import fcntl, socket, struct
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(control, 0x8914, struct.pack("16sh14s", b"lo", 0x1 | 0x40, b"")) # SIOCSIFFLAGS: up and running
'
echo 1 > /proc/sys/net/ipv6/bindv6only
"$@" > banner 2>&1 &
until grep -q Ctrl-C banner; do kill -0 $!; sleep 0.05; done
python3 -c '
import http.client
for host in ["127.0.0.1", "::1"]:
    connection = http.client.HTTPConnection(host, 9000, timeout=10)
    connection.request("GET", "/")
    print(connection.getresponse().status)
'
kill $!
`;

function canMakeNetworks(): boolean {
  if (!IS_LINUX) return false;
  try {
    return new Deno.Command("unshare", { args: ["-n", "python3", "-c", ""], stderr: "null" }).outputSync().success;
  } catch {
    return false; // There is no such program.
  }
}

Deno.test("the default address takes IPv4 where the system keeps it apart from IPv6, too", {
  ignore: !canMakeNetworks(), // That takes root, util-linux and python3.
}, async () => {
  using folder = new TempFolder();
  folder.write("index.html", "content");
  const runtime = ["run", "--no-prompt", "--allow-read", "--allow-net", "--config", `${PROJECT}/deno.json`];
  const server = [Deno.execPath(), ...runtime, `${PROJECT}/main.ts`, "-p", "9000", folder.path];
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-n", "sh", "-c", IN_ITS_OWN_NETWORK, "sh", ...server],
    cwd: folder.path,
  }).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stdout), "200\n200\n", text.decode(stderr) + Deno.readTextFileSync(`${folder.path}/banner`));
});
