/**
 * Draws the results as an SVG: for each workload, the rate of each server relative to nginx. Pure.
 * @module
 */

import { ratio, type Results } from "./report.ts";
import { hasPeers } from "./workloads.ts";

const COLOURS = ["#0a7d5a", "#9aa5b1", "#5b8def", "#b07ce8", "#e2a33d", "#d9657b"];
const BAR = 11;
const GAP = 14;
const LEFT = 190;
const UNIT = 230;
const MULTIPLE_MAX = 2.5;
const TOP = 58;

/** An SVG document. */
export function plot(results: Results): string {
  const parts: string[] = [];
  let y = TOP;
  for (const workload of results.workloads.filter(({ setting }) => hasPeers(setting))) {
    const top = y;
    results.servers.forEach(({ name }, index) => {
      const multiple = ratio(results, "requestsPerSecond", [workload.name, name], [workload.name, "nginx"]);
      if (!Number.isFinite(multiple)) return;
      parts.push(bar(y, multiple, COLOURS[index % COLOURS.length]!));
      y += BAR + 1;
    });
    parts.push(`<text x="${LEFT - 8}" y="${(top + y) / 2 + 4}" text-anchor="end">${workload.title}</text>`);
    y += GAP;
  }
  const width = LEFT + UNIT * MULTIPLE_MAX + 60;
  const axis = [0, 0.5, 1, 1.5, 2, 2.5].map((multiple) => gridLine(multiple, y));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${
    y + 10
  }" font-family="system-ui, sans-serif" font-size="12">
<title>Requests per second, relative to nginx</title>
<rect width="100%" height="100%" fill="#fff"/>
${legend(results)}
${axis.join("\n")}
${parts.join("\n")}
</svg>
`;
}

function bar(y: number, multiple: number, colour: string): string {
  const width = Math.min(multiple, MULTIPLE_MAX) * UNIT;
  return `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour}"/>` +
    `<text x="${(LEFT + width + 4).toFixed(1)}" y="${y + BAR - 1.5}" font-size="10" fill="#444">${
      multiple.toFixed(2)
    }</text>`;
}

function gridLine(multiple: number, bottom: number): string {
  const x = LEFT + multiple * UNIT;
  return `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${bottom - GAP}" stroke="${
    multiple === 1 ? "#444" : "#ddd"
  }"/>` +
    `<text x="${x}" y="${TOP - 12}" text-anchor="middle" font-size="10" fill="#444">${multiple}</text>`;
}

function legend({ servers }: Results): string {
  return servers.map(({ title }, index) => {
    const x = LEFT + index * 100;
    return `<rect x="${x}" y="12" width="12" height="12" fill="${COLOURS[index % COLOURS.length]}"/><text x="${
      x + 17
    }" y="22">${title}</text>`;
  }).join("\n");
}
