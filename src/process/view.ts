/**
 * Sends frames of this worker for the live view while a person looks.
 * @module
 */

import { FRAME_MS, frameEvent, FrameMaker } from "../admin/frame.ts";
import type { Clock } from "../net/clock.ts";
import type { SiteServer } from "../server.ts";

/** What a view looks at, and where its frames go. */
export interface ViewOptions {
  readonly worker: number;
  readonly server: SiteServer;
  readonly clock: Clock;
  readonly send: (event: Uint8Array<ArrayBuffer>) => void;
}

/** Begins to send frames. Returns the function that ends it. */
export function beginView({ worker, server, clock, send }: ViewOptions): () => void {
  const frames = new FrameMaker(worker);
  const { counting } = server;
  counting.onRequest = (exchange) => frames.noteRequest(exchange);
  counting.tally.onSweep = () => frames.noteSweep();
  counting.tally.onClose = (connection, reason) => frames.noteClose(connection, reason);
  const look = () => {
    counting.tally.counts.viewFrames++;
    send(frameEvent(frames.take(server.connections, { nowMs: clock.now(), idleMs: server.idleMs })));
  };
  const stop = clock.every(FRAME_MS, look);
  look();
  return () => {
    stop();
    counting.onRequest = counting.tally.onSweep = counting.tally.onClose = null;
  };
}
