/** For the other `@vllm` packages of the same version: nothing in here is promised to anybody else. */
export { copyBytes, createByteBlock, createPortableByteBlock } from "./exchange/byte-block.ts";
export type { ByteBlock } from "./exchange/byte-block.ts";
export { ByteCollector } from "./exchange/byte-collector.ts";
export { createTransport } from "./create-transport.ts";
export { errorFromReading } from "./error-from-reading.ts";
export { fetchOver } from "./fetch/fetch-over.ts";
export type { FetchFunction } from "./fetch/fetch-transport.ts";
export { hasNodeSockets } from "./has-node-sockets.ts";
export { chooseLogger, report } from "./log/logger.ts";
export type { Logger } from "./log/logger.ts";
export { readText } from "./read-text.ts";
export { LimitExceeded } from "./exchange/limit-exceeded.ts";
export { requestText } from "./request-text.ts";
export type { TextRequest } from "./request-text.ts";
export type { TlsOptions } from "./options/tls-options.ts";
export type {
  Exchange,
  HeaderLines,
  ResponseHead,
  Transport,
  TransportListener,
  TransportRequest,
} from "./exchange/transport.ts";
