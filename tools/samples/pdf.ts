/**
 * PDF files: one page, and the table of objects that readers look for first.
 * @module
 */

import { utf8 } from "./bytes.ts";

/** PDF drawing operators for one A4 page (595 by 842 points, origin at the lower left). */
export function pageContent(): string {
  const lines = [
    "This page was made by tools/make_samples.ts.",
    "A reader finds the table at the end of the file first, and through it every object.",
    "So a PDF shows at once whether the last byte arrived.",
  ];
  const squares = Array.from({ length: 12 }, (_, index) => {
    const part = index / 11;
    const shade = [0.05 + 0.9 * part, 0.43 + 0.3 * part, 0.41 - 0.03 * part].map((value) => value.toFixed(2));
    return `${shade.join(" ")} rg ${72 + index * 38} 560 33 33 re f`;
  });
  return [
    "0.05 0.43 0.41 RG 2 w 36 36 523 770 re S",
    "BT /F1 28 Tf 72 720 Td (A test page) Tj ET",
    `BT /F1 12 Tf 18 TL 72 680 Td ${lines.map((line) => `(${line}) Tj T*`).join(" ")} ET`,
    ...squares,
  ].join("\n");
}

export function pdfFile(content: string): Uint8Array {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Title (A test page) >>",
  ];
  let text = "%PDF-1.4\n";
  let entries = "0000000000 65535 f \n"; // Each entry has 20 bytes: hence the blank before the line end.
  objects.forEach((object, index) => {
    entries += `${String(text.length).padStart(10, "0")} 00000 n \n`;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  });
  const count = objects.length + 1;
  const trailer = `trailer\n<< /Size ${count} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return utf8(`${text}xref\n0 ${count}\n${entries}${trailer}`); // All ASCII, so lengths in characters are lengths in bytes.
}
