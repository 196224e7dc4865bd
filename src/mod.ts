/**
 * sweepd as a library: a transport for conversations over TCP, and HTTP and files on top of it.
 *
 * `serve(protocol, options)` runs any `Protocol`: an async function that holds one conversation over a `Connection`.
 * `http(handler)` makes a protocol from a handler of requests, and `files(folder)` makes a handler from a folder.
 * `connect` is the client side of a connection, and `HttpClient` that of HTTP. Options have defaults where possible.
 *
 * ```ts ignore
 * import { files, http, serve } from "@sweepd/sweepd";
 *
 * await serve(http(files("www")), { port: 8000 });
 * ```
 * @module
 */

export { FileCache, type FileCacheOptions } from "./files/cache.ts";
export { type Disk, type FileState, type FolderEntry, type OpenFile, systemDisk } from "./files/disk.ts";
export { type MediaTable } from "./files/media.ts";
export { type Answer, type AnswerFraming, fieldValue, type Flaw } from "./http/client/answer.ts";
export {
  AnswerError,
  type AnswerFailure,
  type ClientOptions,
  type ClientRequest,
  HttpClient,
  PIPELINE_MAX,
} from "./http/client/client.ts";
export { type Validator } from "./http/semantics/conditional.ts";
export { type DateValue, dateValue } from "./http/date.ts";
export { http, type HttpProtocol } from "./http/h1/conversation.ts";
export { HTTP_DEFAULTS, type HttpOptions, type HttpSettings } from "./http/h1/settings.ts";
export { type Exchange, type Handler } from "./http/handler.ts";
export { type Fields, type Head, type OctetRange } from "./http/fields.ts";
export { type Request, type Route } from "./http/request.ts";
export {
  bytesContent,
  type Content,
  errorResponse,
  type Field,
  NO_CONTENT,
  type Piece,
  type Response,
  type Source,
  textResponse,
} from "./http/response.ts";
export { type Status } from "./http/status.ts";
export { type Target } from "./http/target.ts";
export { type ErrorClass, type ErrorRule } from "./site/error_rule.ts";
export { type CachePolicy, type CacheRule, type HeaderRule } from "./site/field_rules.ts";
export { files, type FilesOptions } from "./site/handler.ts";
export { type Host, type HostOptions, Site } from "./site/host.ts";
export { type RedirectRule, type RedirectStatus } from "./site/redirect_rule.ts";
export { Trace, type TraceOptions } from "./log/trace.ts";
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
export { type SendingRate } from "./net/send_deadline.ts";
export { Connection } from "./net/connection.ts";
export { type ConnectionOptions } from "./net/connection_options.ts";
export { type Conversation, type Outgoing, type Protocol, type Turn, TURNS_MAX } from "./net/conversation.ts";
export type { Socket } from "./net/socket.ts";
export type { Activity, CloseReason, ConnectionEvent, Filled } from "./net/events.ts";
export { type OnData, type ReadableAndClosable, readData } from "./net/data_reader.ts";
export { SERVE_DEFAULTS, type ServeOptions } from "./net/defaults.ts";
export { explainError } from "./net/explain_error.ts";
export { listen, type ListenAddress, ListenError, type TcpListener } from "./net/listen.ts";
export { type Listener, serve, type ServeLimits, type ServeSettings, Service } from "./net/listener.ts";
export { hostAndPort, isPeerGone } from "./net/peer.ts";
export { type SweepLimits } from "./net/sweep.ts";
export { type Writable, writeAll } from "./net/write_all.ts";
export { writeEach, type WriteEachCallbacks, type WriteItem } from "./net/write_each.ts";
