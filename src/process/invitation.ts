/**
 * The addresses under which a server can be opened: the one to give away first, each with the reason for its place.
 * Pure.
 * @module
 */

import { hostAndPort } from "../net/peer.ts";
import type { Address } from "./scope.ts";

/** An address of a network interface of this machine. */
export interface InterfaceAddress {
  /** The name of the interface: `eth0`. */
  readonly name: string;
  readonly address: string;
}

/** An address to type into a browser. */
export interface Invitation {
  readonly url: string;
  /** Who can open it, for the user. */
  readonly why: string;
  /** Whether only this machine can open it. */
  readonly isLocal: boolean;
}

/** The facts that decide which addresses there are. */
export interface InvitationOptions {
  readonly address: Address;
  /** The origin of the address to listen on, as text: `--address`. */
  readonly origin: string;
  /** `null`: the process may not ask for them. */
  readonly interfaces: readonly InterfaceAddress[] | null;
  readonly scheme: "http" | "https";
}

/** A kind of network interface, by its name. The earlier it stands, the likelier others can open its addresses. */
interface NetworkKind {
  readonly names: RegExp;
  readonly why: (name: string) => string;
}

const WIRED: NetworkKind = {
  names: /^(?:en|eth|em|p\d+p|ib|usb|Ethernet|Local Area|LAN)/i,
  why: (name) => `${name} is a network card: machines in its network can open this`,
};

const WIRELESS: NetworkKind = {
  names: /^(?:wl|ww|ath|ra\d|Wi-?Fi|WLAN|Wireless)/i,
  why: (name) => `${name} is wireless: devices in the same Wi-Fi can open this`,
};

const UNKNOWN: NetworkKind = { names: /^/, why: (name) => `for machines in the network of ${name}` };

const BRIDGE: NetworkKind = {
  names: /^(?:br\d|bridge|bond|team|Bridge)/i,
  why: (name) => `${name} is a bridge: for machines that are connected to it`,
};

const VPN: NetworkKind = {
  names:
    /^(?:tun|tap|wg|utun|ppp|ipsec|gif|stf|sit|zt|tailscale|ts\d|nebula|nordlynx|proton|cscotun|gpd)|VPN|WireGuard|Tailscale|ZeroTier|TAP-/i,
  why: (name) => `${name} is a tunnel: for members of its VPN only`,
};

const VIRTUAL: NetworkKind = {
  names:
    /^(?:docker|br-|veth|virbr|vmnet|vmenet|vboxnet|cni|flannel|cali|cilium|lxc|lxd|incus|podman|kube|vnet|ovs|awdl|llw)|vEthernet|VirtualBox|VMware|Hyper-V|WSL|Docker|\*/i,
  why: (name) => `${name} is virtual: for containers and virtual machines here only`,
};

/** From the likeliest to the least likely. A name is first compared with the kinds that are not physical. */
const ORDER: readonly NetworkKind[] = [WIRED, WIRELESS, UNKNOWN, BRIDGE, VPN, VIRTUAL];
const BY_NAME: readonly NetworkKind[] = [VIRTUAL, VPN, BRIDGE, WIRELESS, WIRED, UNKNOWN];

/** The addresses, the one to give away first, and that of this machine itself among them. Never empty. */
export function invitations(options: InvitationOptions): readonly [Invitation, ...Invitation[]] {
  const { address: { hostname, port, proxy }, origin, interfaces, scheme } = options;
  const url = (host: string) => urlOf(scheme, { hostname: host, port });
  if (proxy) return [{ url: url(isEvery(hostname) ? "localhost" : hostname), why: FOR_PROXIES, isLocal: true }];
  if (!isEvery(hostname)) return [only(hostname, url(hostname), origin)];
  const reachable = (interfaces ?? []).filter(({ address }) => {
    return !isOwn(address) && (hostname === "::" || !address.includes(":"));
  });
  const others = reachable.toSorted((a, b) => rank(a) - rank(b)).map((each, index, all): Invitation => {
    const isKnown = all.slice(0, index).some(({ name }) => name === each.name) && !isLinkLocal(each.address);
    return { url: url(each.address), why: isKnown ? `${each.name} as well` : reasonOf(each), isLocal: false };
  });
  const here = (why: string): Invitation => ({ url: url("localhost"), why, isLocal: true });
  const [first, ...rest] = others;
  if (first !== undefined) return [first, here("for this machine"), ...rest];
  return [here(interfaces === null ? UNASKED : NO_NETWORK)];
}

const FOR_PROXIES = "for a load balancer that sends a PROXY header; browsers cannot open it";

function isEvery(hostname: string): boolean {
  return hostname === "::" || hostname === "0.0.0.0";
}

/** The shortest form, because people type it. */
function urlOf(scheme: "http" | "https", { hostname, port }: Address): string {
  const host = hostAndPort(hostname, port);
  return `${scheme}://${port === DEFAULT_PORTS[scheme] ? host.replace(/:\d+$/, "") : host}/`;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

const NO_NETWORK = "this machine has no network at the moment, so only this machine can open it";

const UNASKED = "for this machine; sweepd was not permitted to ask for the addresses of this machine for others";

/** Of a server that listens on one address. */
function only(hostname: string, url: string, origin: string): Invitation {
  const isLocal = isOwn(hostname);
  const why = isLocal
    ? `only this machine can open it, because sweepd listens on ${hostname} (${origin})`
    : `sweepd listens on this address only (${origin})`;
  return { url, why, isLocal };
}

/** Addresses that no other machine can open in a browser. Those of `fe80::` need the name of an interface. */
export function isOwn(address: string): boolean {
  return /^(?:127\.|::1$|fe[89ab][0-9a-f]:|::ffff:127\.)/i.test(address);
}

/** By kind, then IPv4 before IPv6, because people can read it to each other. */
function rank(each: InterfaceAddress): number {
  const place = isLinkLocal(each.address) ? ORDER.length : ORDER.indexOf(kindOf(each.name));
  return 2 * place + (each.address.includes(":") ? 1 : 0);
}

/** Who can reach an address of this machine. */
export function reasonOf({ name, address }: InterfaceAddress): string {
  return isLinkLocal(address)
    ? `${name} has given itself this address: for machines on the same cable only`
    : kindOf(name).why(name);
}

function kindOf(name: string): NetworkKind {
  return BY_NAME.find(({ names }) => names.test(name))!;
}

/** RFC 3927: an address that a machine chooses when no router has given it one. */
function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.");
}
