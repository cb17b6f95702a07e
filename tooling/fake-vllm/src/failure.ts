/**
 * Ways in which a server, or something in front of it, fails.
 *
 * On the connection:
 * - `refuse`: nothing listens on the port, and no connection is left; for every path, as long as it is set
 * - `stall-before-headers`: the request is read, nothing ever comes (a non-streamed request on a paused server; a router that hangs)
 * - `close-before-headers`, `reset-before-headers`: the connection ends without a byte
 * - `reset-in-headers`: half of the head, then a reset
 * - `garbage`: bytes that are not HTTP
 *
 * In the body:
 * - `cut-after-bytes`: the connection is closed without the last chunk (a killed server)
 * - `reset-after-bytes`: the same with a reset
 * - `end-after-bytes`: the body is ended properly, too early (a gateway that lost its server)
 * - `stall`: silence after some bytes, the connection stays open; `afterBytes: 0` is a queued request
 * - `drip`: one byte a time
 * - `bad-chunked`: a chunk whose length is not a number
 * - `short-content-length`: the head promises fewer bytes than the body has
 * - `long-content-length`: it promises more, then the connection is closed
 * - `gzip`: the body is compressed, with `content-encoding: gzip`, as a proxy does
 * - `huge-line`: one event whose line is 64 MiB long
 *
 * Other answers, all recorded:
 * - `html-502`: nginx with all servers down; `html-200`: the same page with status 200 (a captive portal, a wrong address)
 * - `empty-200`: status 200 without a body
 * - `busy-429`, `queue-408`, `no-workers-503`: vllm-router, overloaded or without servers
 * - `engine-dies`: the stream ends with vLLM's error event; afterwards the server answers 500, `/health` 503
 */
export type FailureKind = (typeof failureKinds)[number];

export const failureKinds = [
  "refuse",
  "stall-before-headers",
  "close-before-headers",
  "reset-before-headers",
  "reset-in-headers",
  "garbage",
  "cut-after-bytes",
  "reset-after-bytes",
  "end-after-bytes",
  "stall",
  "drip",
  "bad-chunked",
  "short-content-length",
  "long-content-length",
  "gzip",
  "huge-line",
  "html-502",
  "html-200",
  "empty-200",
  "busy-429",
  "queue-408",
  "no-workers-503",
  "engine-dies",
] as const;

export interface Failure {
  readonly kind: FailureKind;
  /** Length of the body before it fails, in bytes. Default: half of it. */
  readonly afterBytes?: number | undefined;
  /** How many requests fail before the server works. Default: all. */
  readonly times?: number | undefined;
  /** Which paths fail, whatever the method. Default: POST to chat completions. */
  readonly paths?: RegExp | undefined;
}
