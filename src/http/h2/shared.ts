/**
 * What all conversations with the same handler and options share: caches, buffers, and the writer of field blocks.
 * @module
 */

import { Accumulator } from "../../net/accumulator.ts";
import { withDefaults } from "../../net/options.ts";
import { HTTP_DEFAULTS, type HttpOptions, type HttpSettings } from "../h1/settings.ts";
import { HeadPool } from "../h1/head.ts";
import { DateField } from "../h1/head_writer.ts";
import { BufferPool } from "../h1/outbox.ts";
import { TargetCache } from "../h1/requests.ts";
import type { Handler } from "../handler.ts";
import { HEAD_BYTES_MAX } from "../limits.ts";
import { RequestFields } from "./request_fields.ts";
import { BlockWriter } from "./response_block.ts";

/** The state of all conversations with the same handler and options. */
export interface Shared extends HttpSettings {
  readonly handler: Handler;
  readonly pool: BufferPool;
  readonly spareHeads: HeadPool;
  readonly date: DateField;
  readonly blocks: BlockWriter;
  readonly targetCache: TargetCache;
  /** The fields of the request that is being decoded, and its head as text. */
  readonly fields: RequestFields;
  readonly headText: Accumulator;
}

/** A head as text is longer than its fields by less than what each field counts besides its octets. */
const HEAD_TEXT_BYTES = 2 * HEAD_BYTES_MAX;

/** Takes from `before` what does not depend on handler and options. */
export function makeShared(handler: Handler, options: HttpOptions, before: Shared | null): Shared {
  const settings = withDefaults(HTTP_DEFAULTS, options);
  const { clock, serverName, targetsCached } = settings;
  const isSameWriter = before?.clock === clock && before.serverName === serverName;
  const date = isSameWriter ? before.date : new DateField(clock);
  return {
    ...settings,
    handler,
    pool: before?.pool ?? new BufferPool(),
    spareHeads: before?.spareHeads ?? new HeadPool(),
    date,
    blocks: isSameWriter ? before.blocks : new BlockWriter(date, serverName),
    targetCache: new TargetCache(targetsCached),
    fields: before?.fields ?? new RequestFields(),
    headText: before?.headText ?? new Accumulator({ minBytes: HEAD_TEXT_BYTES, maxBytes: HEAD_TEXT_BYTES }),
  };
}
