/** Which address a person is told to give away, and why. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type InterfaceAddress, type InvitationOptions, invitations } from "../../src/process/invitation.ts";

function invite(interfaces: readonly (readonly [string, string])[] | null, changes: Partial<InvitationOptions> = {}) {
  return invitations({
    address: { hostname: "::", port: 8080 },
    origin: "default",
    interfaces: interfaces?.map(([name, address]): InterfaceAddress => ({ name, address })) ?? null,
    scheme: "http",
    ...changes,
  });
}

function urls(interfaces: readonly (readonly [string, string])[], changes: Partial<InvitationOptions> = {}): string[] {
  return invite(interfaces, changes).map(({ url }) => url);
}

const LOOPBACK = [["lo", "127.0.0.1"], ["lo", "::1"]] as const;

Deno.test("invitations() begins with a network card's IPv4 address, then names this machine", () => {
  const all = [...LOOPBACK, ["eth0", "2001:db8::7"], ["eth0", "fe80::1"], ["eth0", "192.0.2.7"]] as const;
  assertEquals(urls(all), ["http://192.0.2.7:8080/", "http://localhost:8080/", "http://[2001:db8::7]:8080/"]);
});

/** Interfaces whose addresses most others cannot open, as systems name them. */
const UNLIKELY = [
  ["docker0", "172.17.0.1"],
  ["br-5d3f0c2e1a7b", "172.18.0.1"],
  ["veth1a2b3c", "172.19.0.1"],
  ["virbr0", "192.168.122.1"],
  ["vmnet8", "192.168.144.1"],
  ["vboxnet0", "192.168.56.1"],
  ["cni0", "10.42.0.1"],
  ["flannel.1", "10.42.0.0"],
  ["lxdbr0", "10.100.0.1"],
  ["podman0", "10.88.0.1"],
  ["vEthernet (WSL)", "172.28.0.1"],
  ["VirtualBox Host-Only Network", "192.168.56.1"],
  ["tun0", "10.8.0.2"],
  ["tap0", "10.9.0.2"],
  ["wg0", "10.10.0.2"],
  ["utun4", "10.11.0.2"],
  ["tailscale0", "100.64.0.2"],
  ["zt5u4y2k", "10.147.0.2"],
  ["ppp0", "10.64.64.64"],
  ["OpenVPN TAP-Windows6", "10.8.0.6"],
  ["Ethernet (WireGuard)", "10.12.0.2"],
  ["Local Area Connection* 2", "192.168.137.1"],
  ["br0", "10.20.0.1"],
  ["bridge100", "192.168.64.1"],
  ["eth0", "169.254.7.7"],
] as const;

/** Interfaces of machines that people give addresses of. */
const LIKELY = ["eth0", "enp3s0", "eno1", "en0", "wlan0", "wlp2s0", "Wi-Fi", "Ethernet", "Ethernet 2", "WLAN", "x0"];

for (const [name, address] of UNLIKELY) {
  Deno.test(`invitations() puts ${name} ${address} behind every network card, also behind IPv6 there`, () => {
    for (const card of LIKELY) {
      const here = "http://localhost:8080/";
      assertEquals(urls([[name, address], [card, "192.0.2.7"]])[0], "http://192.0.2.7:8080/", card);
      assertEquals(urls([[name, address], [card, "2001:db8::7"]]), [
        "http://[2001:db8::7]:8080/",
        here,
        `http://${address}:8080/`,
      ]);
    }
  });

  Deno.test(`invitations() gives ${name} ${address} away if there is nothing else, and says what it is`, () => {
    const [first] = invite([...LOOPBACK, [name, address]]);
    assertEquals(first.url, `http://${address}:8080/`);
    assertStringIncludes(first.why, name);
    assertEquals(/only|connected/.test(first.why), true, first.why);
  });
}

Deno.test("invitations() explains an interface once", () => {
  const all = invite([["eth0", "192.0.2.7"], ["eth0", "2001:db8::7"], ["eth0", "169.254.1.1"], ["tun0", "10.8.0.2"]]);
  assertEquals(all.map(({ why }) => why.split(":")[0]), [
    "eth0 is a network card",
    "for this machine",
    "eth0 as well",
    "tun0 is a tunnel",
    "eth0 has given itself this address",
  ]);
});

Deno.test("invitations() keeps the order of the system among cards of one kind", () => {
  const all = [["eth1", "192.0.2.8"], ["eth0", "192.0.2.7"]] as const;
  assertEquals(urls(all), ["http://192.0.2.8:8080/", "http://localhost:8080/", "http://192.0.2.7:8080/"]);
});

Deno.test("invitations() says that there is no network", () => {
  for (const interfaces of [[], LOOPBACK, [["eth0", "fe80::1"]] as const]) {
    const [first, ...others] = invite(interfaces);
    assertEquals([first.url, first.isLocal], ["http://localhost:8080/", true]);
    assertStringIncludes(first.why, "no network at the moment, so only this machine");
    assertEquals(others, []);
  }
});

Deno.test("invitations() says that it was not permitted to ask", () => {
  assertStringIncludes(invite(null)[0].why, "not permitted to ask for the addresses");
});

for (const hostname of ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "fe80::1"]) {
  Deno.test(`invitations() of a server on ${hostname} says that only this machine can open it, and why`, () => {
    const address = { hostname, port: 9000 };
    const [first, ...others] = invite([["eth0", "192.0.2.7"]], { address, origin: "--address" });
    assertStringIncludes(first.why, `only this machine can open it, because sweepd listens on ${hostname} (--address)`);
    assertEquals([first.isLocal, others], [true, []]);
  });
}

Deno.test("invitations() of a server on one address has only that one", () => {
  const address = { hostname: "192.0.2.7", port: 9000 };
  const [first, ...others] = invite([["eth0", "192.0.2.7"], ["eth1", "192.0.2.8"]], { address, origin: "web.conf:4" });
  assertEquals(first, {
    url: "http://192.0.2.7:9000/",
    why: "sweepd listens on this address only (web.conf:4)",
    isLocal: false,
  });
  assertEquals(others, []);
});

Deno.test("invitations() leaves IPv6 out if only IPv4 is listened on", () => {
  const address = { hostname: "0.0.0.0", port: 80 };
  const all = [["eth0", "2001:db8::7"], ["eth0", "192.0.2.7"]] as const;
  assertEquals(urls(all, { address }), ["http://192.0.2.7/", "http://localhost/"]);
});

Deno.test("invitations() has the scheme of the listener", () => {
  assertEquals(urls([["eth0", "192.0.2.7"]], { scheme: "https" })[0], "https://192.0.2.7:8080/");
});

Deno.test("invitations() says that a listener for PROXY headers is not for browsers", () => {
  const [first, ...others] = invite([["eth0", "192.0.2.7"]], { address: { hostname: "::", port: 8081, proxy: true } });
  assertEquals([first.url, others], ["http://localhost:8081/", []]);
  assertStringIncludes(first.why, "browsers cannot open it");
});
