/**
 * Style and script of the listing page, and the policy that permits only these (Content Security Policy, level 3).
 * @module
 */

import { PAGE_STYLE } from "../http/html.ts";

/** Icons are drawn by borders, because the policy permits no other pictures than files of the same host. */
export const LISTING_STYLE = PAGE_STYLE + `
nav ol{display:flex;flex-wrap:wrap;list-style:none;margin:0;padding:0}nav li:not(:last-child)::after{content:"/";margin:0 .4em;color:var(--dim)}
header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:end;gap:0 2rem}header>div{min-width:0}
.f{margin:0 0 1rem;flex:0 1 18rem}.f label{display:block;font-size:.875rem;color:var(--dim)}
input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--dim);border-radius:.3rem;padding:.3rem .5rem;width:100%;box-sizing:border-box}
:focus-visible{outline:2px solid var(--link);outline-offset:1px}
table{width:100%;border-collapse:collapse;table-layout:fixed}caption{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line)}
th{font-weight:600;white-space:nowrap}th a{text-decoration:none}th a:hover{text-decoration:underline}
th[aria-sort=ascending] a::after{content:" \\2191"/""}th[aria-sort=descending] a::after{content:" \\2193"/""}
.s{width:5rem;text-align:right}.m{width:9.5rem}main>table td:nth-child(2){text-align:right}main>table td+td{color:var(--dim);white-space:nowrap;font-variant-numeric:tabular-nums}
main>table tbody tr:hover{background:var(--shade)}main>table tfoot td{color:var(--dim);border:0;text-align:left!important;white-space:normal!important}
main>table tbody a{display:block;position:relative;padding-left:1.75rem;text-decoration:none;white-space:pre-wrap}main>table tbody a:hover{text-decoration:underline}
main>table tbody a::before{content:"";position:absolute;left:.2rem;top:.2rem;width:.75rem;height:1rem;box-sizing:border-box;border:2px solid var(--k,var(--dim));border-radius:2px 6px 2px 2px}
main>table .d a::before{width:1.1rem;height:.8rem;top:.35rem;background:var(--k);border-radius:0 3px 2px 2px}.d a::after{content:"";position:absolute;left:.2rem;top:.2rem;width:.55rem;height:.2rem;background:var(--k);border-radius:2px 2px 0 0}
.d{--k:#c98a1b}.i{--k:#2f8f4e}.a{--k:#9147c9}.t{--k:#3f76c4}.c{--k:#0d8a90}.z{--k:#a8612e}.p{--k:#c23b3b}
main>table :is(.i,.a,.z) a::before{background:linear-gradient(transparent 55%,var(--k) 55%)}main>table :is(.t,.c,.p) a::before{background:linear-gradient(transparent 35%,var(--k) 35% 48%,transparent 48% 62%,var(--k) 62% 75%,transparent 75%)}
td i{font-style:normal;color:var(--dim);background:var(--shade);border:1px solid var(--line);border-radius:3px;font-size:.8em;padding:0 .15em}
.e{color:var(--dim);text-align:center!important}main>table .u a{padding-left:.2rem}main>table .u a::before{content:none}
article{margin-top:2rem;border:1px solid var(--line);border-radius:.4rem;padding:.5rem 1.25rem 1rem}article>p:first-child{color:var(--dim);font-size:.875rem}
article h2,article h3,article h4,article h5,article h6{line-height:1.3;margin:1.25em 0 .5em}article h2{font-size:1.4rem}article h3{font-size:1.2rem}article h4,article h5,article h6{font-size:1rem}
pre{overflow:auto;background:var(--shade);padding:.75rem;border-radius:.3rem}code{font-family:ui-monospace,monospace;font-size:.9em}article :not(pre)>code{background:var(--shade);padding:.1em .3em;border-radius:.2em}
article img{max-width:100%}article table{table-layout:auto;width:auto;display:block;overflow:auto}.al-right{text-align:right!important}.al-center{text-align:center!important}
blockquote{margin:1em 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--dim)}
@media(max-width:34rem){body{padding:.75rem}th,td{padding:.35rem .25rem}.s{width:3.4rem}.m{width:5.9rem}time{display:block;height:1.5em;overflow:hidden;white-space:normal}#z{display:none}td,th{font-size:.875rem}}
@media(forced-colors:active){tbody a::before,.d a::after{forced-color-adjust:none}}
@media print{.f,.u,main>table .d a::after,main>table tbody a::before{display:none}main>table tbody a{padding:0;color:inherit}tr{break-inside:avoid}tfoot{display:table-row-group}body{max-width:none;padding:0}}
`;

/**
 * An addition: shows times in the zone of the reader, and hides rows that do not contain the words in the filter. It
 * takes rows while they arrive, some milliseconds at a time, so that a long page stays usable.
 */
export const LISTING_SCRIPT = `(()=>{
const d=document,rows=[],two=n=>String(n).padStart(2,"0");let last=null,words=[];
const fits=n=>words.every(w=>n.includes(w));
function take(r){
const t=r.querySelector("time");
if(t){const a=new Date(t.dateTime);t.firstChild.data=a.getFullYear()+"-"+two(a.getMonth()+1)+"-"+two(a.getDate())+" "+two(a.getHours())+":"+two(a.getMinutes());t.title=a.toLocaleString()}
if(r.className)return;
const n=r.cells[0].textContent.toLowerCase();rows.push([r,n]);if(words.length)r.hidden=!fits(n)}
function tell(){const shown=rows.filter(([r])=>!r.hidden).length;d.querySelector("output").textContent=words.length?shown+" of "+rows.length+" shown":""}
function go(){
const body=d.querySelector("tbody"),end=performance.now()+8,isLoading=d.readyState==="loading";let more=false;
if(body){const z=d.getElementById("z");if(z)z.remove();const f=d.querySelector(".f");if(f.hidden)f.hidden=false;
for(;;){const next=last?last.nextElementSibling:body.firstElementChild;if(!next||isLoading&&!next.nextElementSibling)break;
if(performance.now()>end){more=true;break}last=next;take(next)}}
if(words.length)tell();
if(more||isLoading)setTimeout(go,more?10:100)}
d.addEventListener("input",e=>{
words=e.target.value.toLowerCase().split(/\\s+/).filter(w=>w);
for(const[r,n]of rows)r.hidden=!fits(n);tell()});
d.addEventListener("keydown",e=>{
if(e.key!=="Enter"||e.target.type!=="search")return;
const shown=rows.filter(([r])=>!r.hidden);if(words.length&&shown.length===1)shown[0][0].querySelector("a").click()});
d.addEventListener("DOMContentLoaded",go);go()})()`;

let policy: Promise<string> | null = null;

/** The policy of the page: its own style and script, pictures of the same host, and nothing else. */
export function listingPolicy(): Promise<string> {
  return policy ??= makePolicy();
}

async function makePolicy(): Promise<string> {
  const [style, script] = await Promise.all([hashOf(LISTING_STYLE), hashOf(LISTING_SCRIPT)]);
  return `default-src 'none'; style-src ${style}; script-src ${script}; img-src 'self'; base-uri 'none'; ` +
    `form-action 'none'; frame-ancestors 'self'`;
}

async function hashOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `'sha256-${hash.toBase64()}'`;
}
