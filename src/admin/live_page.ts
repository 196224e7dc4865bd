/**
 * The page of the live view: a frame of text and a place to draw, and its style. Data for a browser.
 * @module
 */

/** Only the page's own script, style and events. */
export const LIVE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The document. */
export const LIVE_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>sweepd, live</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/live.css">
<script src="/live.js" defer></script>
<header>
  <h1>sweepd <span id="status" role="status">connecting</span></h1>
  <dl>
    <div><dt>connections</dt><dd id="open">0</dd></div>
    <div><dt>requests a second</dt><dd id="rate">0</dd></div>
    <div><dt>closed by the sweep</dt><dd id="swept">0</dd></div>
    <div><dt>workers</dt><dd id="workers">0</dd></div>
  </dl>
  <button id="pause" type="button" aria-pressed="false">Pause</button>
</header>
<main>
  <section aria-label="Connections">
    <ul id="legend"></ul>
    <p id="timeout"></p>
    <p id="detail">Point at a bar to read it.</p>
    <canvas id="bars" role="img" aria-label="One bar for each connection"></canvas>
  </section>
  <aside>
    <h2>Requests</h2>
    <ol id="requests"></ol>
    <h2>Closed</h2>
    <ol id="ended"></ol>
  </aside>
</main>
<noscript><p>This page needs its script. The same as data: <a href="/connections">/connections</a></p></noscript>
</html>
`;

/** The style, light and dark. */
export const LIVE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --text: #1c1f23; --soft: #5c636b; --line: #d9dcdf; --track: #e9ebed;
  --waiting: #2f8f5b; --receiving: #2667c9; --sending: #8a46c7; --working: #c77800; --lingering: #8b929a; --blocked: #b0416e;
  --old: #c8341f; --held: #0f7f8c; --sweep: #c8341f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --text: #e6e8ea; --soft: #9aa3ab; --line: #31363b; --track: #24292e;
    --waiting: #4cc38a; --receiving: #6ea8fe; --sending: #c792ea; --working: #ffb454; --lingering: #7d868f; --blocked: #f08db5;
    --old: #ff6b57; --held: #35b9c6; --sweep: #ff6b57;
  }
}
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: var(--ground); color: var(--text) }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: center; padding: .7rem 1.2rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1.15rem; margin: 0 }
h1 span { font-weight: 400; color: var(--soft); font-size: .9rem }
h2 { font-size: .8rem; font-weight: 600; color: var(--soft); margin: 0 0 .3rem }
dl { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin: 0 }
dt { font-size: .75rem; color: var(--soft) }
dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; min-width: 4ch }
button { margin-left: auto; font: inherit; padding: .3rem 1rem; color: inherit; background: var(--track); border: 1px solid var(--line); border-radius: .3rem; cursor: pointer }
main { display: grid; grid-template-columns: minmax(0, 1fr) 21rem; gap: 1.5rem; padding: 1rem 1.2rem }
@media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr) } }
canvas { display: block; width: 100% }
ul, ol { list-style: none; margin: 0; padding: 0 }
#legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem }
#legend li::before { content: ""; display: inline-block; width: .7rem; height: .7rem; margin-right: .4rem; border-radius: 2px; background: currentColor }
#legend .waiting::before { background: var(--waiting) } #legend .receiving::before { background: var(--receiving) }
#legend .sending::before { background: var(--sending) } #legend .working::before { background: var(--working) }
#legend .lingering::before { background: var(--lingering) } #legend .blocked::before { background: var(--blocked) }
#legend .held::before { background: var(--held) }
#timeout, #detail { margin: .3rem 0 .6rem; font-size: .85rem; color: var(--soft); min-height: 1.4em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
aside ol { font: 12px/1.6 ui-monospace, monospace; margin-bottom: 1rem; min-height: 14rem }
aside li { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
aside b { font-weight: 600 } .good { color: var(--waiting) } .bad { color: var(--old) } .soft { color: var(--soft) }
`;
