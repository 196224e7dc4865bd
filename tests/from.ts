/**
 * A request from a certain address of this machine: the runtime's own connections come from the one that the system chooses.
 */

import { connect } from "node:net";
import { concat } from "@std/bytes/concat";

/** How to reach a server, and where from. */
export interface FromOptions {
  readonly from: string;
  /** 127.0.0.1 unless said. */
  readonly to?: string;
}

/** Sends `request`, which ends its connection, and returns all that comes. */
export function exchangeFrom({ from, to = "127.0.0.1" }: FromOptions, port: number, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Uint8Array[] = [];
  const socket = connect({ host: to, port, localAddress: from });
  socket.on("connect", () => socket.write(request));
  socket.on("data", (chunk) => chunks.push(new Uint8Array(chunk)));
  socket.on("error", reject);
  socket.on("close", () => resolve(new TextDecoder().decode(concat(chunks))));
  return promise;
}
