/**
 * What a server tells the user when it listens: the banner, a QR code where it fits, and the browser if that is wanted.
 * @module
 */

import type { Serving } from "../cli/command_line.ts";
import { readBuild } from "../config/build.ts";
import type { Loaded } from "../config/load.ts";
import { banner, bannerMessage, type BannerOptions } from "./banner.ts";
import { openBrowser } from "./browser.ts";
import { invitations } from "./invitation.ts";
import type { Outputs } from "./outputs.ts";
import { describeProcess, givenPermissions, interfaceAddresses } from "./process.ts";
import { type QrCode, qrCode } from "./qr.ts";
import { type Address, listenOrigin } from "./scope.ts";
import type { Running } from "./supervisor.ts";
import { isColoured, terminalSize } from "./terminal.ts";

/** A start. */
export interface Start {
  readonly loaded: Loaded;
  /** Whether the user named a folder on the command line. */
  readonly hasFolder: boolean;
  readonly how: Serving;
  readonly outputs: Outputs;
}

/** Tells the user that `running` listens. `notes`: what is different from what the user asked for. */
export async function announce(start: Start, running: Running, notes: readonly string[]): Promise<void> {
  const { how, outputs } = start;
  const options = optionsOf(start, running, notes);
  if (!how.quiet) {
    const qr = await fittingQrCode(start, options);
    const shown = { ...options, qr: qr?.text ?? null };
    outputs.announce(banner(shown), bannerMessage(shown));
  }
  const { url } = options.invitations.find(({ isLocal }) => isLocal) ?? options.invitations[0]; // No firewall is between.
  if (how.open) void tellOpening(outputs, url); // Some systems end the program only with the browser.
}

function optionsOf({ loaded, how }: Start, running: Running, notes: readonly string[]): BannerOptions {
  const { config, addresses } = running;
  const interfaces = interfaceAddresses();
  // What browsers can open comes first.
  const ordered = distinctPorts(addresses).toSorted((a, b) => Number(a.proxy ?? false) - Number(b.proxy ?? false));
  const [first, ...others] = ordered.map((address) => {
    const origin = listenOrigin(config, address);
    return invitations({ address, origin, interfaces, scheme: address.tls ? "https" : "http" });
  });
  return {
    ...running,
    source: loaded.source,
    withoutIndex: loaded.withoutIndex,
    pid: Deno.pid,
    invitations: [...first!, ...others.flat()],
    qr: null,
    notes,
    process: describeProcess(givenPermissions(config, loaded.file, readBuild())),
    debug: how.debug,
    colour: isColoured(),
    columns: Deno.stderr.isTerminal() ? terminalSize().columns : 0,
  };
}

/** The addresses without those for IPv4 that stand beside `::`. */
function distinctPorts(addresses: readonly Address[]): Address[] {
  const isBeside = ({ hostname, port }: Address) =>
    hostname === "0.0.0.0" && addresses.some((other) => other.hostname === "::" && other.port === port);
  return addresses.filter((address) => !isBeside(address));
}

/** `--qr` decides. Without it, a code is shown if a person at a terminal has named a folder, others can open the address, and there is room for all of it. */
async function fittingQrCode({ how, hasFolder, outputs }: Start, options: BannerOptions): Promise<QrCode | null> {
  const isPerson = hasFolder && Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
  const [{ url, isLocal }] = options.invitations;
  if (outputs.json || how.qr === false || (how.qr === null && (!isPerson || isLocal))) return null;
  const code = await qrCode(url, { colour: options.colour });
  if (how.qr === true) return code;
  const { rows, columns } = terminalSize();
  const bannerRows = rowsOf(banner(options), columns);
  return bannerRows + code.rows < rows && code.columns <= columns ? code : null;
}

/** A line that is wider than the terminal takes several rows. */
function rowsOf(text: string, columns: number): number {
  return text.split("\n").reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0);
}

async function tellOpening(outputs: Outputs, url: string): Promise<void> {
  const problem = await openBrowser(url);
  if (problem !== null) outputs.tell(`the browser was not opened: ${problem}`, { level: "warning", event: "start" });
}
