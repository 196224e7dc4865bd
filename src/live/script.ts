/**
 * The script that reloads a page, and its addresses. Knows browsers; not files.
 * @module
 */

/** The addresses below this folder belong to live reload. It is hidden, so no site serves a file there. */
export const LIVE_FOLDER = ".sweepd";

/** The tag that is inserted into a page. `version`: that of the site when the page was sent. */
export function scriptTag(version: number): string {
  return `<script src="/${LIVE_FOLDER}/live.js?v=${version}"></script>`;
}

/**
 * The script. It compares versions when it connects, so that no change between the page and the connection is missed.
 * A hidden page closes its connection, because a browser has only six to a server over HTTP/1.1.
 */
export const LIVE_SCRIPT = `"use strict";
(() => {
  let version = new URL(document.currentScript.src).searchParams.get("v");
  let source = null;
  const renewStyles = () => {
    for (const old of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(old.href);
      if (url.origin !== location.origin) continue;
      url.searchParams.set("sweepd-live", version);
      const renewed = old.cloneNode();
      renewed.href = url.href;
      renewed.addEventListener("load", () => old.remove());
      renewed.addEventListener("error", () => renewed.remove());
      old.after(renewed);
    }
  };
  const begin = () => {
    if (source !== null || document.hidden) return;
    source = new EventSource("/${LIVE_FOLDER}/events");
    source.addEventListener("version", ({ data }) => data === version || location.reload());
    source.addEventListener("page", () => location.reload());
    source.addEventListener("other", ({ data }) => { version = data; });
    source.addEventListener("style", ({ data }) => { version = data; renewStyles(); });
  };
  const end = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => document.hidden ? end() : begin());
  addEventListener("pagehide", end);
  addEventListener("pageshow", begin);
  begin();
})();
`;
