/**
 * What the system does with ports, as a value, so that tests have ports of their own.
 * @module
 */

import { connect, ConnectError } from "../net/connect.ts";
import type { Address } from "./scope.ts";

/** The system's ports. */
export interface Ports {
  /** Whether several listeners of one user can share a port, which spreads the connections over them. */
  readonly areShared: boolean;
  /**
   * Takes the UDP port with the same number and address; port 0: any. Throws what the system says, `AddrInUse` where another
   * program has it, on this address or one that overlaps.
   */
  hold(address: Address): Hold;
  /** Listens on the TCP port for a moment, without sharing it. Gives the port. Throws what the system says. */
  tryToListen(address: Address): number;
  /** Whether somebody accepts TCP connections there. `false` as well where this process may not ask. */
  answers(address: Address): Promise<boolean>;
}

/** A UDP port that this process has. */
export interface Hold {
  readonly port: number;
  release(): void;
}

/** Only Linux spreads connections over several listeners of one port. */
export const CAN_SHARE_PORT = Deno.build.os === "linux";

/** On an address of this machine an answer comes at once, unless somebody filters. */
const ANSWER_MS = 1_000;

/** The system's ports. */
export const systemPorts: Ports = {
  areShared: CAN_SHARE_PORT,
  hold({ hostname, port }) {
    const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
    return { port: (socket.addr as Deno.NetAddr).port, release: () => socket.close() };
  },
  tryToListen(address) {
    const listener = Deno.listen(address);
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
