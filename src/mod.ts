/**
 * sweepd as a library: a transport for conversations over TCP, and HTTP and files on top of it.
 *
 * `serve(protocol, options)` runs any `Protocol`, an async function that holds one conversation over a `Connection`.
 * `http({ handler, ... })` makes one of a handler, and `files({ site, ... })` makes a handler of folders.
 * @module
 */

export { FileCache, type FileCacheOptions } from "./files/cache.ts";
export { type Disk, type OpenFile, systemDisk } from "./files/disk.ts";
export { files, type FilesOptions } from "./files/handler.ts";
export { Site } from "./files/site.ts";
export { type Exchange, type Handler, http, type HttpOptions, type Request } from "./http/exchange.ts";
export { type Content, errorResponse, type Field, type Piece, type Response, type Source } from "./http/response.ts";
export { Accumulator, type AccumulatorSizes } from "./net/accumulator.ts";
export { type Clock, systemClock } from "./net/clock.ts";
export {
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  type Filled,
  type Socket,
} from "./net/connection.ts";
export { type Listener, type Protocol, serve, type ServeOptions } from "./net/listener.ts";
export { isPeerGone } from "./net/peer.ts";
export { type SweepLimits } from "./net/sweep.ts";
