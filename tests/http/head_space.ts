/** Free memory for a head before some bytes, for tests. */

import type { HeadSpace } from "../../src/http/response.ts";

/** The first `length` of `bytes` are free. */
export function headSpaceOf(bytes: Uint8Array, length: number): HeadSpace {
  let isClaimed = false;
  return {
    claim(wanted) {
      if (isClaimed || wanted > length) return null;
      isClaimed = true;
      return bytes.subarray(length - wanted);
    },
  };
}
