/**
 * What the runtime (2.9.6) does with session tickets, as `src/README.md` says: an upgrade that changes it is noticed here.
 */

import { assertEquals } from "@std/assert";
import { AUTHORITY } from "./secured.ts";
import { issueLeaf } from "../../src/certificates/issue.ts";

/** A thread with a TLS server that is told the keys of its tickets. */
const SERVER = `
import { Buffer } from "node:buffer";
import { createServer } from "node:tls";
self.onmessage = ({ data }) => {
  const options = { ...data, ticketKeys: Buffer.alloc(48, 7) };
  const server = createServer(options, (socket) => socket.on("error", () => {}).end("x"));
  server.listen(0, "127.0.0.1", () => self.postMessage(server.address().port));
};
`;

/** Connects to the first port, then with the ticket of that to each port; says whether the session was resumed. */
const CLIENT = `
import socket, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
def connect(port, session=None):
    with socket.create_connection(("127.0.0.1", port), 20) as tcp:
        with context.wrap_socket(tcp, server_hostname="localhost", session=session) as tls:
            tls.recv(1)
            return tls.session_reused, tls.session
for port in sys.argv[1:]:
    print(connect(int(port), connect(int(sys.argv[1]))[1])[0])
`;

interface Server {
  readonly port: number;
  readonly worker: Worker;
}

async function startServer(credentials: { readonly cert: string; readonly key: string }): Promise<Server> {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(SERVER)}`, { type: "module" });
  const { promise, resolve } = Promise.withResolvers<number>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(credentials);
  return { port: await promise, worker };
}

Deno.test("a ticket is good for the thread that issued it alone, because the runtime ignores ticketKeys", async () => {
  const identity = { commonName: "localhost", names: ["localhost"], nowMs: Date.now(), days: 1 };
  const { certificate: cert, key } = await issueLeaf(identity, AUTHORITY);
  const [one, other] = await Promise.all([startServer({ cert, key }), startServer({ cert, key })]);
  try {
    const args = ["-c", CLIENT, String(one.port), String(other.port)];
    const { stdout, stderr } = await new Deno.Command("python3", { args }).output();
    const said = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(said, ["True", "False"], new TextDecoder().decode(stderr));
  } finally {
    one.worker.terminate();
    other.worker.terminate();
  }
});
