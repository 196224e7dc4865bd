/**
 * The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B): octets to bits and back. Pure.
 * The code is canonical, so the lengths of the codes determine the codes.
 * @module
 */

/** The end of the string. Its beginning fills the last octet, and it must not occur itself. */
const EOS = 256;

/** The length in bits of the code of each octet, and of EOS. */
const LENGTHS: readonly number[] = (
  "13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28 " +
  "6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10 " +
  "13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6 " +
  "15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28 " +
  "20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24 " +
  "22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23 " +
  "26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27 " +
  "20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26 " +
  "30"
).split(" ").map(Number);

/** The code of each octet, right-aligned: codes of one length are consecutive, in the order of the octets. */
const CODES: readonly number[] = canonicalCodes(LENGTHS);

function canonicalCodes(lengths: readonly number[]): number[] {
  const codes: number[] = [];
  const symbols = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  let code = 0;
  let before = 0;
  for (const symbol of symbols) {
    code <<= lengths[symbol]! - before;
    before = lengths[symbol]!;
    codes[symbol] = code++;
  }
  return codes;
}

/**
 * The decoder is an automaton that takes four bits at a time. A state is an inner node of the tree of codes, so there
 * are 256. The shortest code has five bits, so a step completes at most one octet.
 */
const STEP_BITS = 4;
const INNER_NODES = 256;
const NEXT_STATE = 0xff;
const COMPLETES = 0x100;
const FAILS = 0x200;
const OCTET_SHIFT = 16;

/** For each state and four bits: the next state, whether an octet is complete, and which. */
const STEPS = makeSteps();

/** For each state, whether a string may end in it: at most seven bits, all ones, are left over. */
const MAY_END = makeEnds();

/** The children of each inner node: another one, or `-1 - symbol`. The root is node 0. */
function makeTree(): [number, number][] {
  const nodes: [number, number][] = [[0, 0]];
  for (const [symbol, code] of CODES.entries()) {
    let node = 0;
    for (let bit = LENGTHS[symbol]! - 1; bit > 0; bit--) {
      const side = code >> bit & 1;
      if (nodes[node]![side] === 0) nodes[node]![side] = nodes.push([0, 0]) - 1;
      node = nodes[node]![side]!;
    }
    nodes[node]![code & 1] = -1 - symbol;
  }
  return nodes;
}

function makeSteps(): Uint32Array {
  const tree = makeTree();
  const steps = new Uint32Array(INNER_NODES << STEP_BITS);
  for (const index of steps.keys()) steps[index] = makeStep(tree, index >> STEP_BITS, index & 0xf);
  return steps;
}

function makeStep(tree: readonly [number, number][], state: number, bits: number): number {
  let node = state;
  let completed = 0;
  for (let bit = STEP_BITS - 1; bit >= 0; bit--) {
    const child = tree[node]![bits >> bit & 1]!;
    if (child === -1 - EOS) return FAILS;
    if (child < 0) completed = COMPLETES | (-1 - child) << OCTET_SHIFT;
    node = child < 0 ? 0 : child;
  }
  return completed | node;
}

function makeEnds(): Uint8Array {
  const tree = makeTree();
  const ends = new Uint8Array(INNER_NODES);
  let node = 0;
  for (let bits = 0; bits < 8; bits++) {
    ends[node] = 1;
    node = tree[node]![1]!;
  }
  return ends;
}

/**
 * Decodes `bytes[first .. end)` into `into` from `at` on. Returns where the octets end, or -1 for a malformed string: it
 * contains EOS, or ends in more than seven bits or in other bits than ones. There must be 8/5 of the space.
 */
export function huffmanDecode(bytes: Uint8Array, first: number, end: number, into: Uint8Array, at: number): number {
  let state = 0;
  let written = at;
  for (let index = first; index < end; index++) {
    const octet = bytes[index]!;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = STEPS[state << STEP_BITS | octet >> shift & 0xf]!;
      if ((step & FAILS) !== 0) return -1;
      if ((step & COMPLETES) !== 0) into[written++] = step >> OCTET_SHIFT;
      state = step & NEXT_STATE;
    }
  }
  return MAY_END[state] === 1 ? written : -1;
}

/** The number of octets that `octets` take when encoded. */
export function huffmanLength(octets: Uint8Array): number {
  let bits = 0;
  for (const octet of octets) bits += LENGTHS[octet]!;
  return Math.ceil(bits / 8);
}

/** The encoded octets. The last octet is filled with ones. */
export function huffmanEncode(octets: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(huffmanLength(octets)).fill(0xff);
  let bitAt = 0;
  for (const octet of octets) {
    for (let bit = LENGTHS[octet]! - 1; bit >= 0; bit--, bitAt++) {
      if ((CODES[octet]! >> bit & 1) === 0) encoded[bitAt >> 3]! &= ~(0x80 >> (bitAt & 7));
    }
  }
  return encoded;
}
