import { createNodeTransport, type NodeTransportOptions } from "./http1/node-transport.ts";
import type { Transport } from "./exchange/transport.ts";

/** Our own HTTP/1.1. The portable build has `own-http.portable.ts` in this file's place. */
export const ownHttp: ((options: NodeTransportOptions) => Transport) | undefined = createNodeTransport;
