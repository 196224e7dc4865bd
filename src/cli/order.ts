/**
 * `sweepd reload` and `sweepd reopen`: orders to a running server, by a POST to its admin listener.
 * @module
 */

import { HttpClient } from "../http/client/client.ts";
import { hostAndPort } from "../net/peer.ts";

/** An order. It is also the path. */
export type Order = "reload" | "reopen";

/** The outcome of an order, in words of the server. */
export interface Ordered {
  readonly isDone: boolean;
  readonly message: string;
}

/** A reload waits until the old workers do not accept any more. */
const ANSWER_MS = 60_000;

/** Sends an order, and waits until it is carried out. */
export async function sendOrder(
  order: Order,
  address: { readonly hostname: string; readonly port: number },
): Promise<Ordered> {
  const place = hostAndPort(address.hostname, address.port);
  let client: HttpClient;
  try {
    client = await HttpClient.connect(reachable(address), { idleTimeoutMs: ANSWER_MS });
  } catch (error) {
    return failed(`no admin listener answers on ${place}: ${reasonOf(error)}`);
  }
  try {
    const { status, content } = await client.request({ method: "POST", target: `/${order}` });
    const message = new TextDecoder().decode(content).trimEnd();
    return status === 200 ? { isDone: true, message } : failed(message);
  } catch (error) {
    return failed(`${place} ended the connection, perhaps because its address has changed: ${reasonOf(error)}`);
  } finally {
    client.close();
  }
}

function failed(message: string): Ordered {
  return { isDone: false, message };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Every address of a machine includes loopback. */
function reachable<A extends { readonly hostname: string }>(address: A): A {
  const names: Readonly<Record<string, string>> = { "::": "::1", "0.0.0.0": "127.0.0.1" };
  return { ...address, hostname: names[address.hostname] ?? address.hostname };
}
