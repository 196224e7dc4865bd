/**
 * The built-in error pages of a host: prepared for the name by which clients ask for it, and for the place of an address.
 * Knows statuses and names; not why an error happened.
 * @module
 */

import { alter, errorResponse, explainedError, type Field, type KnownResponse, share } from "../http/response.ts";
import type { Status } from "../http/status.ts";
import type { Target } from "../http/target.ts";

/** An error with fields or words of its own. It must be one constant, because its page is kept. */
export interface Cause {
  readonly status: Status;
  readonly fields: readonly Field[];
  /** What happened, as a sentence; the usual words for the status by default. */
  readonly words?: string;
  /** Whether every address of the host has the same error for this client. Then its page has no links. */
  readonly isEverywhere?: boolean;
}

/** Where an address is, which decides where its page leads: up and home. */
type Place = "root" | "below root" | "file" | "folder";

const HOME = ["Home", "/"] as const;

/** Links are relative where possible, because the page is the same for all addresses at such a place. */
const LINKS: Readonly<Record<Place, readonly (readonly [text: string, address: string])[]>> = {
  "root": [],
  "below root": [HOME],
  "file": [["One level up", "./"], HOME],
  "folder": [["One level up", "../"], HOME],
};

/** The pages for addresses at one place of one host. */
export class OwnPages {
  readonly #host: string;
  readonly #place: Place;
  readonly #kept = new Map<Status | Cause, KnownResponse>();

  constructor(host: string, place: Place) {
    this.#host = host;
    this.#place = place;
  }

  /** The response for an error. It is shared if it has only the fields of its cause. */
  answer(cause: Status | Cause, fields: readonly Field[]): KnownResponse {
    const kept = this.#kept.get(cause) ?? this.#make(cause);
    return fields.length === 0 ? kept : alter(kept, { fields: [...kept.fields, ...fields] });
  }

  #make(cause: Status | Cause): KnownResponse {
    const { status, words, fields, isEverywhere = false } = typeof cause === "number" ? usual(cause) : cause;
    const explanation = { words, host: this.#host, links: isEverywhere ? [] : LINKS[this.#place] };
    const made = share(status < 400 ? errorResponse(status, fields) : explainedError(status, fields, explanation));
    this.#kept.set(cause, made);
    return made;
  }
}

function usual(status: Status): Cause {
  return { status, fields: [] };
}

/** Hosts that have pages with their names. Clients can ask the default host for any name. */
const HOSTS_MAX = 256;

/** The pages of all hosts. */
export class OwnPagesOfHosts {
  readonly #hosts = new Map<string, ReadonlyMap<Place, OwnPages>>();

  /** The pages for an address. If there are too many names, they have none. */
  pagesFor(host: string, target: Extract<Target, { readonly kind: "path" }>): OwnPages {
    const name = this.#hosts.has(host) || this.#hosts.size < HOSTS_MAX ? host : "";
    const pages = this.#hosts.get(name) ?? pagesOf(name);
    this.#hosts.set(name, pages);
    return pages.get(placeOf(target))!;
  }
}

function pagesOf(host: string): ReadonlyMap<Place, OwnPages> {
  const places = Object.keys(LINKS) as Place[];
  return new Map(places.map((place) => [place, new OwnPages(host, place)]));
}

function placeOf(
  { segments, directory }: { readonly segments: readonly string[]; readonly directory: boolean },
): Place {
  if (segments.length === 0) return "root";
  if (segments.length === 1) return "below root";
  return directory ? "folder" : "file";
}
