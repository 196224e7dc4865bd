/**
 * Notes about files for an explanation: which were looked up, what was found, and which fields the host adds.
 * @module
 */

import type { FoundFolder, NotFound } from "../files/look_up.ts";
import { rejectedNameReason } from "../files/names.ts";
import type { Resource } from "../files/resource.ts";
import type { FilePath } from "../files/file_path.ts";
import { type ByteRange, formatContentRange } from "../http/byte_range.ts";
import type { Fields } from "../http/fields.ts";
import { decodedPath } from "../http/target.ts";
import type { Request } from "../http/request.ts";
import { rangeApplies } from "../http/semantics/conditional.ts";
import type { Status } from "../http/status.ts";
import { acceptsPages } from "./fallback.ts";
import { lineOf } from "./notes.ts";
import { isForTlsOnly } from "./transport_security.ts";
import type { Visit } from "./steps.ts";

/** Notes the result of one look-up. */
export function noteFound({ host, services }: Visit, file: FilePath, found: Resource | FoundFolder | NotFound): void {
  const { note } = services;
  if (note === undefined) return;
  const path = [file.root.replace(/[/\\]+$/, ""), ...file.segments].join("/");
  const [text, line = null] = describe(file, found);
  note("file", `${path} ${text}`, line === null ? null : lineOf(host, line));
  if (found.kind !== "file") return;
  note("type", found.coding === null ? found.type : `${found.type}, in the coding ${found.coding}`);
  note("validators", describeValidators(found));
}

/** A description of the result, and the setting that causes it. */
function describe({ segments, dotFiles }: FilePath, found: Resource | FoundFolder | NotFound): [string, string?] {
  if (found.kind === "file") return [`is there: ${found.length} bytes`];
  if (found.kind === "folder") return ["is a folder"];
  if (found.why === "busy") return ["cannot be opened at the moment: no descriptors are left"];
  if (found.why === "forbidden") {
    return [
      "must not be sent: this user has no permission, or a link leads out of the root or to a hidden file",
    ];
  }
  const reasons = segments.map((segment, index) => rejectedNameReason({ segment, index }, Deno.build.os, dotFiles));
  const reason = reasons.find((each) => each !== null) ?? null;
  if (reason === "hidden") return ["is not looked up: a name begins with a dot", "dotfiles"];
  return [reason === null ? "is not there" : `is not looked up: ${reason}`];
}

/** Notes the chosen form of a file. `chosen` is `resource` itself if it is sent as it is, and `null` if nothing fits. */
export function noteCoding(
  { host, services }: Visit,
  fields: Fields,
  resource: Resource,
  chosen: Resource | null,
): void {
  const { note } = services;
  if (note === undefined) return;
  const accepted = fields.value("accept-encoding");
  if (accepted === null) return;
  const line = resource.forms === null ? lineOf(host, "compress") : null;
  note("coding", `${describeForm(resource, chosen)}; the client accepts "${accepted}"`, line);
  if (chosen !== null && chosen !== resource) note("validators", describeValidators(chosen));
}

function describeForm({ forms, length, coding }: Resource, chosen: Resource | null): string {
  if (chosen === null) return "no form of the file is acceptable: 406";
  if (chosen.origin === "encoded") {
    return `${chosen.coding}, encoded by the server: ${chosen.length} bytes of ${length}`;
  }
  if (chosen.origin === "sibling") return `${chosen.coding}, from the file beside it: ${chosen.length} bytes`;
  if (coding !== null) return `${coding}, in which the file is stored`;
  if (forms === null) return "none, because the host or the name of the file excludes them";
  if (!forms.isCompressible) return "none, because such files are not encoded and none is beside it";
  return forms.isIncompressible ? "none, because it gains less than 5 %" : "none at the moment";
}

function describeValidators({ etag, lastModified }: Resource): string {
  const date = lastModified === null ? "no date" : lastModified.text;
  return etag.startsWith("W/") ? `${etag} and ${date}; weak, because the file has just changed` : `${etag} and ${date}`;
}

const CONDITIONS = ["if-match", "if-unmodified-since", "if-none-match", "if-modified-since"] as const;

const OUTCOMES = {
  "pass": "the file may be sent",
  "not modified": "the client has the current file: 304",
  "failed": "the file does not meet the condition: 412",
};

/** Notes the result of the preconditions, if there are any. */
export function noteCondition({ services }: Visit, fields: Fields, outcome: keyof typeof OUTCOMES): void {
  if (services.note === undefined) return;
  const given = CONDITIONS.filter((name) => fields.has(name));
  if (given.length > 0) services.note("condition", `by ${given.join(" and ")} ${OUTCOMES[outcome]}`);
}

/** Notes which ranges are sent, if the request has any. */
export function noteRanges(
  { services }: Visit,
  fields: Fields,
  ranges: readonly ByteRange[] | "unsatisfiable" | null,
  { length, validator }: Resource,
): void {
  const asked = services.note === undefined ? null : fields.value("range");
  if (asked === null) return;
  const isCurrent = rangeApplies(fields, validator, services.clock.wall());
  services.note?.("range", describeRanges(asked, ranges, length, isCurrent));
}

function describeRanges(
  asked: string,
  ranges: readonly ByteRange[] | "unsatisfiable" | null,
  length: number,
  isCurrent: boolean,
): string {
  if (ranges === "unsatisfiable") return `${asked} is beyond the ${length} bytes: 416`;
  if (!isCurrent) return `${asked} is ignored: If-Range names another state of the file, or one that is not certain`;
  if (ranges === null) return `${asked} is ignored: it is malformed, of another unit, or useless for this file`;
  return `${ranges.map((range) => formatContentRange({ ...range, completeLength: length })).join(", ")}: 206`;
}

/** Notes whether the fallback page is sent. */
export function noteFallback({ host, services }: Visit, request: Request, page: Resource | null): void {
  if (services.note === undefined) return;
  const path = host.fallback === null ? "" : decodedPath(host.fallback.segments, false);
  const text = page !== null
    ? "is sent, because there is no file"
    : acceptsPages(request)
    ? "cannot be sent: it is missing or not permitted"
    : "is not sent: Accept does not list text/html by name";
  services.note("page", `${path} ${text}`, lineOf(host, "fallback"));
}

/** Notes whether a page of the host is sent for an error. */
export function noteErrorPage({ host, services }: Visit, status: Status, isSent: boolean): void {
  const index = host.errorPages?.ruleFor(status) ?? null;
  if (services.note === undefined || index === null) return;
  const text = isSent ? "a page of the host is sent" : "the page of the host cannot be sent";
  services.note("page", `${status}: ${text}`, lineOf(host, "error", index));
}

/**
 * Notes the lines that add fields to the answer or remove some. `path` is the path of the sent file, or of the request
 * if no file is sent.
 */
export function noteFields({ host, services }: Visit, path: string, isFound = true): void {
  const { note } = services;
  if (note === undefined) return;
  const { fieldRules } = host;
  for (const index of fieldRules.headersFor(path)) {
    const [name, value] = fieldRules.headerAt(index);
    const text = value === "" ? `without ${name}` : `${name}: ${value}`;
    note("field", value !== "" && isForTlsOnly(name) ? `${text}, over TLS only` : text, lineOf(host, "header", index));
  }
  const { cacheControl } = fieldRules.additionsFor(() => path);
  if (isFound && cacheControl !== null) {
    note("field", `Cache-Control: ${cacheControl}`, lineOf(host, "cache", fieldRules.cachingFor(path)));
  }
}

/** The path of a file below its root, for patterns. */
export function pathOf({ segments }: FilePath): string {
  return decodedPath(segments, false);
}
