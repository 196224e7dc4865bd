/**
 * HPACK (RFC 7541): the published examples, every octet through the Huffman code, and what makes a block malformed.
 */

import { assertEquals } from "@std/assert";
import { HpackDecoder } from "../../src/http/h2/hpack_decoder.ts";
import { encodeFields, encodePlain, putInteger } from "../../src/http/h2/hpack_encoder.ts";
import { huffmanDecode, huffmanEncode, huffmanLength } from "../../src/http/h2/huffman.ts";
import { latin1Bytes } from "../../src/http/syntax.ts";
import { SEQUENCES } from "./hpack_vectors.ts";
import { fromHex, toHex, toText } from "./octets.ts";

/** Decodes one block to `name: value` lines, or to the problem. */
function decode(decoder: HpackDecoder, block: Uint8Array): string[] | string {
  const fields: string[] = [];
  const sink = {
    field: (name: Uint8Array, value: Uint8Array) => void fields.push(`${toText(name)}: ${toText(value)}`),
  };
  return decoder.decode(block, 0, block.length, sink) ?? fields;
}

function tableOf(decoder: HpackDecoder): string[] {
  const entries: string[] = [];
  for (let index = 0;; index++) {
    const entry = decoder.tableEntry(index);
    if (entry === null) return entries;
    entries.push(`${toText(entry.name)}: ${toText(entry.value)}`);
  }
}

for (const { section, tableBytes, blocks } of SEQUENCES) {
  Deno.test(`the decoder reads RFC 7541, ${section}`, () => {
    const decoder = new HpackDecoder(tableBytes);
    for (const { hex, fields, table, size } of blocks) {
      assertEquals(decode(decoder, fromHex(hex)), [...fields]);
      assertEquals([tableOf(decoder), decoder.tableBytes], [[...table], size]);
    }
  });

  Deno.test(`no beginning of a block of ${section} is complete and has other fields`, () => {
    for (const { hex, fields } of blocks.slice(0, 1)) {
      const block = fromHex(hex);
      for (let length = 0; length < block.length; length++) {
        const decoded = decode(new HpackDecoder(tableBytes), block.subarray(0, length));
        if (typeof decoded !== "string") assertEquals(decoded, fields.slice(0, decoded.length));
      }
    }
  });
}

Deno.test("the Huffman code gives each octet back", () => {
  for (let octet = 0; octet < 256; octet++) {
    const octets = Uint8Array.of(octet, 0x61, octet);
    const encoded = huffmanEncode(octets);
    assertEquals(encoded.length, huffmanLength(octets));
    const decoded = new Uint8Array(8);
    assertEquals(huffmanDecode(encoded, 0, encoded.length, decoded, 0), 3);
    assertEquals(decoded.subarray(0, 3), octets);
  }
});

Deno.test("huffmanEncode() writes the codes of appendix B", () => {
  const encoded = (text: string) => toHex(huffmanEncode(latin1Bytes(text)));
  assertEquals(encoded("www.example.com"), "f1e3c2e5f23a6ba0ab90f4ff");
  assertEquals(encoded("\0"), "ffc7"); // 13 bits
  assertEquals(encoded("\n"), "fffffff3"); // 30 bits
  assertEquals(encoded("\xff"), "fffffbbf"); // 26 bits
});

/** Blocks that a decoder must refuse, by section of RFC 7541. */
const MALFORMED: readonly (readonly [rule: string, hex: string])[] = [
  ["2.3.3 an index beyond both tables", "be"],
  ["2.3.3 the largest index of the static table is 61", "bf"],
  ["2.3.3 a name index beyond both tables", "7e0161"],
  ["2.3.3 a name index beyond both tables, without indexing", "0f3f0161"],
  ["5.1 an integer that does not end", "ff"],
  ["5.1 an integer that continues beyond the block", "ff80"],
  ["5.1 an integer of too many octets", "ffffffffffffffffffff7f"],
  ["5.1 an integer of many zeros", "ff8080808080808080808080808000"],
  ["5.2 a string longer than the block", "0005616263"],
  ["5.2 no string for the value", "000161"],
  ["5.2 no string at all", "00"],
  ["5.2 Huffman padding of more than seven bits", "0084ff"],
  ["5.2 padding of eight ones", "00821fff0161"],
  ["5.2 padding with zeros", "0081180161"],
  ["5.2 EOS within a string", "0085fffffffc1f0161"],
  ["6.1 index 0", "80"],
  ["6.3 a table larger than the setting", "3fe21f"],
  ["4.2 a size after a field", "8220"],
  ["4.2 a size at the end of a block", "828684410f7777772e6578616d706c652e636f6d3f00"],
];

for (const [rule, hex] of MALFORMED) {
  Deno.test(`the decoder refuses: ${rule}`, () => {
    assertEquals(typeof decode(new HpackDecoder(4096), fromHex(hex)), "string");
  });
}

/** Blocks that look odd and are valid. */
const VALID: readonly (readonly [rule: string, hex: string, fields: readonly string[]])[] = [
  ["4.2 two sizes before a field", "203fe11f82", [":method: GET"]],
  ["4.2 a size alone", "20", []],
  ["6.3 the largest size", "3fe11f82", [":method: GET"]],
  ["5.2 an empty value", "00016100", ["a: "]],
  ["5.2 an empty name", "00000161", [": a"]],
  ["5.2 an empty Huffman string", "00016180", ["a: "]],
];

for (const [rule, hex, fields] of VALID) {
  Deno.test(`the decoder accepts: ${rule}`, () => {
    assertEquals(decode(new HpackDecoder(4096), fromHex(hex)), [...fields]);
  });
}

Deno.test("a smaller size empties the table, and the setting's size can be used again", () => {
  const decoder = new HpackDecoder(4096);
  decode(decoder, fromHex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"));
  assertEquals(decoder.tableBytes, 55);
  assertEquals(decode(decoder, fromHex("36be")), "an index that is in no table"); // Size 22: no room for the entry.
  assertEquals(decoder.tableBytes, 0);
});

Deno.test("an entry larger than the table empties it (4.4)", () => {
  const decoder = new HpackDecoder(64);
  decode(decoder, fromHex("4001610162"));
  assertEquals(decoder.tableBytes, 34);
  decode(decoder, Uint8Array.from([0x40, 1, 0x61, 60, ...new Array(60).fill(0x62)]));
  assertEquals(decoder.tableBytes, 0);
});

Deno.test("a name of the table survives when its own entry is evicted for the new one (4.4)", () => {
  const decoder = new HpackDecoder(64);
  decode(decoder, fromHex("400361616103626262")); // aaa: bbb, 38 bytes
  assertEquals(decode(decoder, fromHex("7e03636363")), ["aaa: ccc"]);
  assertEquals(tableOf(decoder), ["aaa: ccc"]);
});

Deno.test("encodeFields() uses whole entries, then names, then literals, and adds nothing to a table", () => {
  assertEquals(toHex(encodeFields([[":status", "200"]])), "88");
  assertEquals(toHex(encodeFields([["server", "x"]])), "0f27" + "0178");
  const fields = [[":status", "206"], ["etag", '"a"'], ["x-new", "value of it"], ["vary", ""]] as const;
  const decoder = new HpackDecoder(4096);
  assertEquals(decode(decoder, encodeFields(fields)), fields.map(([name, value]) => `${name}: ${value}`));
  assertEquals(decoder.tableBytes, 0);
});

Deno.test("encodePlain() leaves the value as it is", () => {
  assertEquals(toHex(encodePlain("date", "abc")), "0f12" + "03616263");
});

Deno.test("integers are those of RFC 7541, C.1, and the decoder reads lengths of all sizes back", () => {
  const encoded = (flags: number, bits: number, value: number) => {
    const octets: number[] = [];
    putInteger(octets, flags, bits, value);
    return octets;
  };
  assertEquals(encoded(0, 5, 10), [0b01010]);
  assertEquals(encoded(0, 5, 1337), [0b11111, 0b10011010, 0b00001010]);
  assertEquals(encoded(0, 8, 42), [42]);
  for (const length of [0, 1, 126, 127, 128, 254, 255, 256, 16_383, 16_384, 30_000]) {
    const value = "\x01".repeat(length); // Not shorter in Huffman's code.
    assertEquals(decode(new HpackDecoder(4096), encodeFields([["a", value]])), [`a: ${value}`]);
  }
});

Deno.test("decode() gives no more literals to a sink that is done, but checks them, and keeps the table right", () => {
  const after = (octets: readonly number[]) => {
    const decoder = new HpackDecoder(4096);
    const names: string[] = [];
    const sink = { field: (name: Uint8Array) => void names.push(toText(name)), isDone: true };
    const block = Uint8Array.from(octets);
    return { problem: decoder.decode(block, 0, block.length, sink), names, tableBytes: decoder.tableBytes };
  };
  const skipped = [0, 1, 0x61, 1, 0x62]; // a: b, without indexing
  const indexed = [0x40, 1, 0x63, 1, 0x64]; // c: d, into the table
  const named = [0x0f, 0x2f, 0x81, 0x1f]; // The name of index 62, which is c, and a, encoded
  assertEquals(after([...skipped, ...indexed, ...named, 0xbe]), { problem: null, names: ["c", "c"], tableBytes: 34 });
  assertEquals(after([0, 1, 0x61, 5, 0x62]).problem, "a string is longer than the block");
  assertEquals(after([0, 1, 0x61]).problem, "the block ends before a string");
  assertEquals(after([0, 1, 0x61, 0x81, 0x00]).problem, "a malformed Huffman code");
  assertEquals(after([0x0f, 0x2f, 1, 0x61]).problem, "an index that is in no table");
});
