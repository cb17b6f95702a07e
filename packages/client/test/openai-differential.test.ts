import { verifies } from "@vllm-tooling/contract";
import { listFixtures, listMalformed, loadFixture, rechunk } from "@vllm-tooling/fixtures";
import { createVllmClient } from "@vllm/client";
import OpenAI from "openai";
import { describe, expect } from "vitest";
import { playing, toPlayback } from "./support/play.ts";

const recorded = listFixtures({ path: "/v1/chat/completions", streamed: true })
  .filter((entry) => entry.end === "complete" && entry.bytes < 30_000)
  .map((entry) => entry.id);
const framing = listMalformed({ streamed: true })
  // The referee takes ` [DONE]` with a second blank for broken JSON.
  .filter((entry) => entry.config === "framing" && entry.name !== "two-spaces")
  .map((entry) => entry.id);

/** What `openai` makes of the same bytes: every chunk, and the error that ended the stream, if any. */
async function readWithOpenAI(id: string, pieces: Uint8Array[]): Promise<{ chunks: unknown[]; hasError: boolean }> {
  const fetch = playing(toPlayback(loadFixture(id), pieces)) as unknown as typeof globalThis.fetch;
  const openai = new OpenAI({
    apiKey: "none",
    baseURL: "http://127.0.0.1:8000/v1",
    maxRetries: 0,
    fetch: (url, init) => fetch(url, { ...init, signal: init?.signal ?? new AbortController().signal }),
  });
  const chunks: unknown[] = [];
  try {
    const stream = await openai.chat.completions.create({ model: "tiny", messages: [], stream: true });
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    return { chunks, hasError: true };
  }
  return { chunks, hasError: false };
}

async function readWithOurs(id: string, pieces: Uint8Array[]): Promise<{ chunks: unknown[]; hasError: boolean }> {
  const client = createVllmClient({ fetch: playing(toPlayback(loadFixture(id), pieces)), retry: { maxRetries: 0 } });
  const chunks: unknown[] = [];
  try {
    for await (const chunk of client.chat({ model: "tiny", messages: [] }).rawChunks()) chunks.push(chunk);
  } catch {
    return { chunks, hasError: true };
  }
  return { chunks, hasError: false };
}

describe("the same chunks as the openai package", () => {
  verifies.each("client/stream-agrees-with-openai", recorded, async (id) => {
    const pieces = rechunk(loadFixture(id).response.body, 5);
    expect(await readWithOurs(id, pieces)).toEqual(await readWithOpenAI(id, pieces));
  });

  verifies.each("client/stream-agrees-with-openai", framing, async (id) => {
    const pieces = [loadFixture(id).response.body];
    expect(await readWithOurs(id, pieces)).toEqual(await readWithOpenAI(id, pieces));
  });
});
