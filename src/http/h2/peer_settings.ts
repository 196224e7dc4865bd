/**
 * The settings that the peer has sent (RFC 9113, section 6.5): those that matter to a server. Pure.
 * @module
 */

import { ConnectionError, ErrorCode } from "./errors.ts";
import { type Frame, FRAME_BYTES_MAX, readUint32, Setting } from "./frames.ts";

/** The largest window, and the largest increment of one. */
export const WINDOW_MAX = 2 ** 31 - 1;

const FRAME_SIZE_MIN = 16_384;
const FRAME_SIZE_MAX = 2 ** 24 - 1;
const BYTES_PER_SETTING = 6;

/** The size of a table before any SETTINGS. */
const TABLE_BYTES = 4096;

/** The peer's settings. They begin with the defaults. */
export class PeerSettings {
  /** How much content we may send in a new stream. */
  initialWindow = 65_535;
  /** The largest payload that we send: what the peer accepts, but no more than is good for fairness. */
  frameBytesMax = FRAME_BYTES_MAX;
  /**
   * Whether our next field block must begin with an update of the table's size, because the peer's table has become smaller
   * than ours (4.3.1). Ours is empty, but the peer takes it for one of the default size until we say so.
   */
  owesTableUpdate = false;
  #hasUpdatedTable = false;

  /** Notes that a block has begun with an update to 0. No table of the peer is smaller. */
  noteTableUpdate(): void {
    this.owesTableUpdate = false;
    this.#hasUpdatedTable = true;
  }

  /** Applies a SETTINGS frame, in order, so that the last value of a setting counts. Unknown settings are ignored. */
  apply({ bytes, first, end }: Frame): ConnectionError | null {
    if ((end - first) % BYTES_PER_SETTING !== 0) {
      return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS of a wrong length");
    }
    for (let at = first; at < end; at += BYTES_PER_SETTING) {
      const problem = this.#apply(bytes[at]! << 8 | bytes[at + 1]!, readUint32(bytes, at + 2));
      if (problem !== null) return problem;
    }
    return null;
  }

  #apply(setting: number, value: number): ConnectionError | null {
    switch (setting) {
      case Setting.ENABLE_PUSH: // We never push.
        return value > 1 ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH is neither 0 nor 1") : null;
      case Setting.NO_RFC7540_PRIORITIES: // We ignore those priorities anyway (RFC 9218, section 2.1).
        return value > 1
          ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, "NO_RFC7540_PRIORITIES is neither 0 nor 1")
          : null;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > WINDOW_MAX) return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window that is too large");
        this.initialWindow = value;
        return null;
      case Setting.MAX_FRAME_SIZE:
        return value < FRAME_SIZE_MIN || value > FRAME_SIZE_MAX
          ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, "MAX_FRAME_SIZE is out of range")
          : null; // No value is below the size that we use.
      case Setting.HEADER_TABLE_SIZE: // We put nothing into the peer's table.
        if (value < TABLE_BYTES && !this.#hasUpdatedTable) this.owesTableUpdate = true;
        return null;
      default:
        return null;
    }
  }
}
