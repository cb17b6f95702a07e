import { complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import { createColors } from "./colors.ts";
import { createAnswerRenderer } from "./render-answer.ts";
import { createSink } from "./sink.ts";
import { wrap } from "./wrap.ts";

const toPieces = (text: string) =>
  Array.from({ length: Math.ceil(text.length / 50) }, (_, at) => text.slice(at * 50, (at + 1) * 50));

test("an answer is shown in linear time, whatever it holds and however it comes", async () => {
  const show = (pieces: readonly string[]) => {
    const sink = createSink(() => {});
    const colors = createColors(true);
    const options = { answer: sink, activity: sink, colors, answerColors: colors, columns: 80 };
    const { render } = createAnswerRenderer(options);
    const place = { choiceIndex: 0, contentIndex: 0, index: 0 };
    render({ type: "text_start", ...place });
    render({ type: "text_delta", ...place, delta: "x" });
    for (const delta of pieces) render({ type: "text_delta", ...place, delta });
    render({ type: "toolcall_start", ...place, contentIndex: 1, id: "1", name: "f" });
    for (const delta of pieces) render({ type: "toolcall_delta", ...place, contentIndex: 1, delta });
  };
  const whole = (text: string) => [text];
  expect([
    ...(await complaintsAbout({ prepare: toPieces, run: show, mostBlockedMs: 100 })),
    ...(await complaintsAbout({ prepare: whole, run: show, mostBlockedMs: 100 })),
  ]).toEqual([]);
});

test("a text is wrapped in linear time", async () => {
  expect(await complaintsAbout({ prepare: (text: string) => text, run: (text: string) => wrap(text, 80) })).toEqual([]);
});
