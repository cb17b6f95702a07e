import { gzipSync } from "node:zlib";
import type { Header } from "@vllm-tooling/fixtures";
import { loadFixture } from "@vllm-tooling/fixtures";
import type { Failure, FailureKind } from "./failure.ts";
import { readBytes, toReply, withBody, type Reply } from "./reply.ts";

/** Failures that are another reply, whatever carries it. The others need the connection itself. */
const replyFailures = {
  "stall-before-headers": (reply) => ({ ...withBody(reply, new Uint8Array(0)), status: 0, end: "silence" }),
  "close-before-headers": (reply) => ({ ...reply, status: 0, chunks: [], end: "close" }),
  "reset-before-headers": (reply) => ({ ...reply, status: 0, chunks: [], end: "reset" }),
  "cut-after-bytes": (reply, afterBytes) => ({ ...reply, chunks: firstBytes(reply, afterBytes), end: "close" }),
  "reset-after-bytes": (reply, afterBytes) => ({ ...reply, chunks: firstBytes(reply, afterBytes), end: "reset" }),
  "end-after-bytes": (reply, afterBytes) => ({
    ...unsized(reply),
    chunks: firstBytes(reply, afterBytes),
    end: "complete",
  }),
  stall: (reply, afterBytes) => ({ ...reply, chunks: firstBytes(reply, afterBytes), end: "silence" }),
  drip: (reply) => ({ ...reply, chunks: [...readBytes(reply)].map((byte) => Uint8Array.of(byte)) }),
  gzip: (reply) => compressed(reply),
  "huge-line": (reply) => ({ ...reply, chunks: hugeLine() }),
  "html-502": () => toReply(loadFixture("routers/nginx-default/all-down-plain")),
  "html-200": () => ({ ...toReply(loadFixture("routers/nginx-default/all-down-plain")), status: 200, reason: "OK" }),
  "empty-200": (reply) => ({ ...unsized(reply), chunks: [] }),
  "busy-429": () => toReply(loadFixture("routers/vllm-router/limit-concurrency-no-queue")),
  "queue-408": () => toReply(loadFixture("routers/vllm-router/limit-queue-408")),
  "no-workers-503": () => toReply(loadFixture("routers/vllm-router/all-down-stream-again")),
} as const satisfies Partial<Record<FailureKind, (reply: Reply, afterBytes: number | undefined) => Reply>>;

export type ReplyFailureKind = keyof typeof replyFailures;

export function isReplyFailure(kind: FailureKind): kind is ReplyFailureKind {
  return Object.hasOwn(replyFailures, kind);
}

export function failReply(reply: Reply, kind: ReplyFailureKind, failure: Failure): Reply {
  return replyFailures[kind](reply, failure.afterBytes);
}

/** The start of a body, by default its half; cut at any byte, or after the chunk in which that byte is. */
export function firstBytes(
  reply: Reply,
  afterBytes: number | undefined,
  unit: "bytes" | "whole chunks" = "bytes",
): Uint8Array[] {
  const chunks = [...(reply.chunks as Iterable<Uint8Array>)];
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let left = afterBytes ?? Math.floor(length / 2);
  const kept: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (left <= 0) break;
    kept.push(unit === "bytes" ? chunk.subarray(0, left) : chunk);
    left -= chunk.length;
  }
  return kept;
}

function unsized(reply: Reply): Reply {
  const headers = reply.headers.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  return { ...reply, headers: [...headers, ["transfer-encoding", "chunked"]] };
}

function compressed(reply: Reply): Reply {
  const plain = unsized(reply);
  const headers: Header[] = [...plain.headers, ["content-encoding", "gzip"]];
  const body = new Uint8Array(gzipSync(readBytes(reply)));
  return { ...plain, headers, chunks: [body.subarray(0, 20), body.subarray(20)] };
}

function* hugeLine(): Generator<Uint8Array> {
  const mebibyte = new Uint8Array(1024 * 1024).fill(0x78);
  yield new TextEncoder().encode('data: {"choices":[{"index":0,"delta":{"content":"');
  for (let count = 0; count < 64; count++) yield mebibyte;
  yield new TextEncoder().encode('"},"finish_reason":null}]}\n\n');
}
