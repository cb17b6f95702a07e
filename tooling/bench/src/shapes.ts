import type { Payload } from "./payloads.ts";
import { textPayload, toolPayload } from "./payloads.ts";

/** A load. `repeat`: requests one after another that are measured; `warm`: the same before, not measured. */
export type Shape =
  | { kind: "sequence"; title: string; payload: () => Payload; warm: number; repeat: number }
  | { kind: "paced"; title: string; streams: number; tokensEach: number; stepMs: number; spread: boolean };

export const SHAPES = {
  s0: {
    kind: "sequence",
    title: "400 short answers (16 tokens), one after another",
    payload: () => textPayload(16),
    warm: 150,
    repeat: 400,
  },
  s1: {
    kind: "sequence",
    title: "a burst: 20,000 events as fast as they can be read",
    payload: () => textPayload(20_000),
    warm: 4,
    repeat: 5,
  },
  s2: {
    kind: "paced",
    title: "200 streams, one token each every 10 ms",
    streams: 200,
    tokensEach: 200,
    stepMs: 10,
    spread: false,
  },
  s2l: {
    kind: "paced",
    title: "50 streams of 50 tokens/s, spread in time",
    streams: 50,
    tokensEach: 200,
    stepMs: 20,
    spread: true,
  },
  s3: {
    kind: "sequence",
    title: "thought and a tool call with 8 KB of arguments",
    payload: () => toolPayload(8192, 400),
    warm: 30,
    repeat: 60,
  },
  s3l: {
    kind: "sequence",
    title: "thought and a tool call with 64 KB of arguments",
    payload: () => toolPayload(64_000, 4000),
    warm: 3,
    repeat: 8,
  },
} as const satisfies Record<string, Shape>;

export type ShapeName = keyof typeof SHAPES;
