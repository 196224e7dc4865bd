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
  const [{ url }] = options.invitations;
  if (!how.quiet) {
    const qr = await fittingQrCode(start, options);
    const shown = { ...options, qr: qr?.text ?? null };
    outputs.announce(banner(shown), bannerMessage(shown));
  }
  if (how.open) void tellOpening(outputs, url); // Some systems end the program only with the browser.
}

function optionsOf({ loaded, how }: Start, running: Running, notes: readonly string[]): BannerOptions {
  const { config, addresses } = running;
  const interfaces = interfaceAddresses();
  const [first, ...others] = distinctPorts(addresses).map((address) => {
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
  };
}

/** The addresses without those for IPv4 that stand beside `::`. */
function distinctPorts(addresses: readonly Address[]): Address[] {
  const isBeside = ({ hostname, port }: Address) =>
    hostname === "0.0.0.0" && addresses.some((other) => other.hostname === "::" && other.port === port);
  return addresses.filter((address) => !isBeside(address));
}

/** `--qr` decides. Without it, a code is shown if a person at a terminal has named a folder, and it fits below it. */
async function fittingQrCode({ how, hasFolder, outputs }: Start, options: BannerOptions): Promise<QrCode | null> {
  const isPerson = hasFolder && Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
  if (outputs.json || how.qr === false || (how.qr === null && !isPerson)) return null;
  const code = await qrCode(options.invitations[0].url, { colour: options.colour });
  if (how.qr === true) return code;
  const { rows, columns } = terminalSize();
  const bannerRows = banner(options).split("\n").length;
  return bannerRows + code.rows < rows && code.columns <= columns ? code : null;
}

/** Whether messages may have colours. */
export function isColoured(): boolean {
  return Deno.stderr.isTerminal() && !Deno.noColor;
}

/** Zeros: the standard streams are no terminals, or do not tell. */
export function terminalSize(): { readonly rows: number; readonly columns: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { rows: 0, columns: 0 };
  }
}

async function tellOpening(outputs: Outputs, url: string): Promise<void> {
  const problem = await openBrowser(url);
  if (problem !== null) outputs.tell(`the browser was not opened: ${problem}`, { level: "warning", event: "start" });
}
