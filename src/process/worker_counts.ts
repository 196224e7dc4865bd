/**
 * Looks at all workers that have not ended, and keeps the counts of those that have.
 * @module
 */

import { type ConnectionSight, NOTHING, type Snapshot, sum, withoutGauges } from "../snapshot.ts";
import type { WorkerThread } from "./worker_thread.ts";

/** All workers, as a person looks at them. */
export class WorkerCounts {
  readonly #workers = new Set<WorkerThread>();
  /** The counts of workers that have ended. */
  #past: Snapshot = NOTHING;
  #isWatched = false;

  /** Adds a worker until it ends. */
  add(worker: WorkerThread): void {
    this.#workers.add(worker);
    if (this.#isWatched) worker.watch(true);
    worker.ended.then(() => {
      this.#workers.delete(worker);
      this.#past = sum(this.#past, withoutGauges(worker.snapshot));
    });
  }

  /** The sum of all counts, also of workers that have ended. */
  async counts(): Promise<Snapshot> {
    const snapshots = await Promise.all([...this.#workers].map((worker) => worker.lookAtCounts()));
    return snapshots.reduce(sum, this.#past);
  }

  /** The open connections of all workers. */
  async connections(): Promise<readonly ConnectionSight[]> {
    return (await Promise.all([...this.#workers].map((worker) => worker.lookAtConnections()))).flat();
  }

  /** Begins or ends the live view of all workers. */
  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    for (const worker of this.#workers) worker.watch(isWatched);
  }
}
