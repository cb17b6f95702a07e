import { parseObject } from "../chat/parse-object.ts";
import type { BridgeKey } from "../options/bridge-options.ts";

/** Routes on which nothing is computed. */
const COUNTING = new Set(["/tokenize", "/detokenize"]);

/** A request of somebody whose key has settings. */
export interface KeyedRequest {
  method: string;
  path: string;
  bytes: Buffer<ArrayBuffer>;
}

/**
 * The body with the fields of the client's key, on every route with a JSON body: a client that could choose its own would share another's
 * cache. What is not a JSON object is vLLM's to refuse.
 */
export function withKeyFields(
  { method, path, bytes }: KeyedRequest,
  { cacheSalt, priority }: Partial<BridgeKey>,
): { bytes: Buffer<ArrayBuffer>; changes: string[] } {
  const fields = {
    ...(cacheSalt === undefined ? {} : { cache_salt: cacheSalt }),
    ...(priority === undefined ? {} : { priority }),
  };
  const names = Object.keys(fields);
  const body =
    names.length === 0 || method !== "POST" || COUNTING.has(path) ? undefined : parseObject(bytes.toString("utf8"));
  if (body === undefined) return { bytes, changes: [] };
  return {
    bytes: Buffer.from(JSON.stringify({ ...body, ...fields })),
    changes: names.map((name) => `${name} set for this key`),
  };
}
