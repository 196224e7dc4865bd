/** A port for one server alone: who gets it, where it is listened on, and what is given back. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ListenError } from "../../src/process/address.ts";
import { lockPort, type PortLock } from "../../src/process/port_lock.ts";
import { turn, VirtualClock } from "../virtual_clock.ts";
import { PortDoubles } from "./doubles.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const TAKEN = "another program has this port; choose another with --port";

function lock(ports: PortDoubles, hostname: string, port: number, clock = new VirtualClock()): Promise<PortLock> {
  const { signal } = new AbortController();
  return lockPort({ hostname, port }, { ports, clock, waitMs: 2000, signal });
}

function hostsOf({ addresses }: PortLock): string[] {
  return addresses.map(({ hostname }) => hostname);
}

for (const first of ["::", "0.0.0.0", "127.0.0.1"]) {
  for (const second of ["::", "0.0.0.0", "127.0.0.1"]) {
    Deno.test(`a port that a server has on ${first} is refused to another on ${second}`, async () => {
      const ports = new PortDoubles();
      await lock(ports, first, 9000);
      ports.answering.add(9000);
      await assertRejects(() => lock(ports, second, 9000), ListenError, TAKEN);
      assertEquals(ports.held.size, 1);
    });
  }
}

Deno.test("a port is refused while the server that has it is starting, as soon as it listens", async () => {
  const ports = new PortDoubles();
  const clock = new VirtualClock();
  await lock(ports, "::", 9000);
  const refused = assertRejects(() => lock(ports, "::", 9000, clock), ListenError, TAKEN);
  clock.advance(500);
  await turn();
  ports.answering.add(9000);
  clock.advance(500);
  await refused;
});

Deno.test("a port is taken when the server that had it while starting has given it back", async () => {
  const ports = new PortDoubles();
  const clock = new VirtualClock();
  const first = await lock(ports, "::", 9000);
  const second = lock(ports, "::", 9000, clock);
  await turn();
  first.release();
  clock.advance(50);
  assertEquals(hostsOf(await second), ["::"]);
  assertEquals(ports.held.size, 1);
});

Deno.test("a port is used without a lock where its UDP port is in use and nobody listens on it in time", async () => {
  const ports = new PortDoubles();
  const clock = new VirtualClock();
  ports.held.add("0.0.0.0|9000");
  const locked = lock(ports, "::", 9000, clock);
  for (let ms = 0; ms < 2000; ms += 50) {
    await turn();
    clock.advance(50);
  }
  assertEquals(hostsOf(await locked), ["::", "0.0.0.0"]);
  ports.taken.add(9000);
  const refused = assertRejects(() => lock(ports, "::", 9000, clock), ListenError, TAKEN);
  for (let ms = 0; ms < 2100; ms += 50) {
    await turn();
    clock.advance(50);
  }
  await refused;
});

Deno.test("a port on which another program answers is refused, and its UDP port is given back", async () => {
  const ports = new PortDoubles();
  ports.answering.add(9000);
  await assertRejects(() => lock(ports, "::", 9000), ListenError, TAKEN);
  assertEquals(ports.held.size, 0);
});

Deno.test(":: is one address where it means IPv4 too, two where it does not, and 0.0.0.0 where there is no IPv6", async () => {
  const machines = [[{}, ["::"]], [{ isIpv6Apart: true }, ["::", "0.0.0.0"]], [{ hasIpv6: false }, [
    "0.0.0.0",
  ]]] as const;
  for (const [options, hosts] of machines) {
    const ports = new PortDoubles(options);
    const locked = await lock(ports, "::", 9000);
    assertEquals([hostsOf(locked), ports.held.size], [[...hosts], hosts.length]);
    locked.release();
    assertEquals(ports.held.size, 0);
  }
});

Deno.test("port 0 is a free port for UDP and TCP, and ports that are not are given back", async () => {
  const ports = new PortDoubles();
  for (const taken of [40_000, 40_001]) ports.taken.add(taken);
  assertEquals((await lock(ports, "127.0.0.1", 0)).port, 40_002);
  assertEquals([...ports.held], ["127.0.0.1|40002"]);
});

Deno.test("a lock moves to an address that overlaps with its own, and back", async () => {
  const ports = new PortDoubles();
  const locked = await lock(ports, "::", 9000);
  for (const hostname of ["127.0.0.1", "::", "0.0.0.0"]) {
    locked.move(hostname);
    assertEquals([hostsOf(locked), ports.held.size], [[hostname], 1]);
  }
});

Deno.test("a lock that cannot move keeps its address", async () => {
  const ports = new PortDoubles();
  const locked = await lock(ports, "127.0.0.1", 9000);
  ports.held.add("192.0.2.1|9000");
  assertThrows(() => locked.move("::"), ListenError, "cannot listen on [::]:9000: another program has this port");
  assertEquals([hostsOf(locked), [...ports.held]], [["127.0.0.1"], ["192.0.2.1|9000", "127.0.0.1|9000"]]);
});

Deno.test("where ports are not shared, the listener is the lock: nothing is held", async () => {
  const ports = new PortDoubles({ areShared: false });
  const locked = await lock(ports, "::", 0);
  assertEquals([locked.addresses, ports.held.size], [[{ hostname: "::", port: 40_000 }], 0]);
  locked.move("127.0.0.1");
  assertEquals([hostsOf(locked), ports.held.size], [["127.0.0.1"], 0]);
  ports.taken.add(9000);
  await assertRejects(() => lock(ports, "127.0.0.1", 9000), ListenError, TAKEN);
});

Deno.test("waiting for a port ends when the server is told to end", async () => {
  const ports = new PortDoubles();
  ports.held.add("::|9000");
  const clock = new VirtualClock();
  const over = new AbortController();
  const waiting = lockPort({ hostname: "::", port: 9000 }, { ports, clock, waitMs: 2000, signal: over.signal });
  await turn();
  over.abort();
  await assertRejects(() => waiting, ListenError);
  assertEquals(clock.pending, 0);
});
