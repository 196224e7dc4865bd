/**
 * The ports of the operating system as a value, so that tests can use ports in memory.
 * @module
 */

import { connect, ConnectError } from "../net/connect.ts";
import type { Address } from "./scope.ts";

/** Operations on ports. */
export interface Ports {
  /** Whether several listeners of one user can share a port. The system then divides the connections between them. */
  readonly areShared: boolean;
  /**
   * Opens the UDP port with the same number and address; port 0: any free one. Throws the error of the system:
   * `AddrInUse` if another process has the port on this address or on one that overlaps.
   */
  hold(address: Address): Hold;
  /** Opens the TCP port without sharing it, and closes it. Returns its number. Throws the error of the system. */
  tryToListen(address: Address): number;
  /** Whether a process accepts TCP connections there. Also `false` if this process is not permitted to connect. */
  answers(address: Address): Promise<boolean>;
}

/** A UDP port that this process holds. */
export interface Hold {
  readonly port: number;
  release(): void;
}

/** Only Linux divides connections between several listeners of one port. */
export const CAN_SHARE_PORT = Deno.build.os === "linux";

/** An address of this machine answers at once, unless a firewall drops the packets. */
const ANSWER_MS = 1_000;

/** The system's ports. */
export const systemPorts: Ports = {
  areShared: CAN_SHARE_PORT,
  hold({ hostname, port }) {
    const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    return { port: (socket.addr as Deno.NetAddr).port, release: () => socket.close() };
  },
  tryToListen({ hostname, port }) {
    const listener = Deno.listen({ hostname, port });
    listener.close();
    return listener.addr.port;
  },
  async answers({ hostname, port }) {
    try {
      (await connect({ hostname, port }, { timeoutMs: ANSWER_MS })).close();
      return true;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      return false;
    }
  },
};
