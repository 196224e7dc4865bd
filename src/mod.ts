/**
 * sweepd as a library: a transport for conversations over TCP, and HTTP and files on top of it.
 *
 * `serve(protocol, options)` runs any `Protocol`, an async function that holds one conversation over a `Connection`.
 * `http({ handler, ... })` makes one of a handler, and `files({ site, ... })` makes a handler of folders. `connect` is the other side of a connection, `HttpClient` the other side of HTTP.
 *
 * ```ts ignore
 * import { listen, type Protocol, serve, SERVE_DEFAULTS } from "@sweepd/sweepd";
 *
 * const greet: Protocol = async (connection) => {
 *   await connection.write(new TextEncoder().encode("Hello!\n"));
 * };
 * await serve(greet, { ...SERVE_DEFAULTS, listener: listen({ hostname: "127.0.0.1", port: 3000 }) });
 * ```
 * @module
 */

export { FileCache, type FileCacheOptions } from "./files/cache.ts";
export { type Disk, type FileState, type OpenFile, systemDisk } from "./files/disk.ts";
export { files, type FilesOptions } from "./files/handler.ts";
export { type MediaTable } from "./files/media.ts";
export { type Missing } from "./files/representation.ts";
export { type ServedFile } from "./files/served_file.ts";
export { Site } from "./files/site.ts";
export { type Answer, type AnswerFraming, fieldValue, type Flaw } from "./http/answer.ts";
export {
  AnswerError,
  type AnswerFailure,
  type ClientOptions,
  type ClientRequest,
  HttpClient,
  PIPELINE_MAX,
} from "./http/client.ts";
export { type Validator } from "./http/conditional.ts";
export { type Exchange, type Handler, http, type HttpOptions } from "./http/exchange.ts";
export { RequestHead } from "./http/head.ts";
export { type Request } from "./http/request.ts";
export {
  bytesContent,
  type Content,
  errorResponse,
  type Field,
  NO_CONTENT,
  type Piece,
  type Response,
  type Source,
} from "./http/response.ts";
export { type Status } from "./http/status.ts";
export { type Target } from "./http/target.ts";
export { formatEvent } from "./log/events.ts";
export { Accumulator, type AccumulatorSizes, type SpareBuffers } from "./net/accumulator.ts";
export { CHUNK_BYTES, chunks, type Readable } from "./net/chunks.ts";
export { type Clock, systemClock } from "./net/clock.ts";
export {
  connect,
  CONNECT_TIMEOUT_MS,
  type ConnectAddress,
  ConnectError,
  type ConnectFailure,
  type ConnectOptions,
} from "./net/connect.ts";
export { Connection, type ConnectionOptions, type Filled, type SendingRate } from "./net/connection.ts";
export type { Socket } from "./net/socket.ts";
export type { Activity, CloseReason, ConnectionEvent } from "./net/events.ts";
export { type OnData, type ReadableAndClosable, readData } from "./net/data_reader.ts";
export { SERVE_DEFAULTS } from "./net/defaults.ts";
export { explainError } from "./net/explain_error.ts";
export { listen, type ListenAddress, ListenError, type TcpListener } from "./net/listen.ts";
export { type Listener, type Protocol, serve, type ServeOptions } from "./net/listener.ts";
export { hostAndPort, isPeerGone } from "./net/peer.ts";
export { type SweepLimits } from "./net/sweep.ts";
export { STEPS_A_TURN, Turns } from "./net/turns.ts";
export { type Writable, writeAll } from "./net/write_all.ts";
export { writeEach, type WriteEachCallbacks, type WriteItem } from "./net/write_each.ts";
