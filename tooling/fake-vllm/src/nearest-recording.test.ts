import { describe, expect, test } from "vitest";
import { createNearestRecording } from "./nearest-recording.ts";
import { recordingsOf } from "./recordings.ts";

const find = createNearestRecording(recordingsOf("0.32.0/lab"));
const user = (content: string) => [{ role: "user", content }];
const nameOf = (request: object) => find(request)?.id.split("/").at(-1);

describe("the nearest recording", () => {
  test.each([
    [{ messages: user("Hello"), stream: true, stream_options: { include_usage: true } }, "hello-stream"],
    [{ messages: user("Hello"), stream: true }, "hello-stream-no-options"],
    [
      { messages: user("Hello"), stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } },
      "continuous-usage",
    ],
    [{ messages: user("Hello"), model: "lab/tiny", max_tokens: 600, temperature: 0 }, "hello-nonstream"],
    [{ messages: user("Hello"), stream: false, temperature: 0.7, seed: 3, max_tokens: 4000, n: 1 }, "hello-nonstream"],
    [{ messages: user("Hello"), chat_template_kwargs: { enable_thinking: false } }, "thinking-disabled-nonstream"],
    [{ messages: user("long answer"), stream: true, max_tokens: 80 }, "length-in-content-stream"],
    [{ messages: user("long answer"), stream: true, max_tokens: 2000 }, "long-stream"],
  ])("of %j is %s", (request, name) => {
    expect(nameOf(request)).toBe(name);
  });

  test.each([
    ["another message", { messages: user("Hello!") }],
    ["more messages", { messages: [...user("Hello"), ...user("Hello")] }],
    ["tools that were not there", { messages: user("markup"), tools: [{ type: "function", function: { name: "f" } }] }],
    ["a limit that would cut the answer", { messages: user("Hello"), max_tokens: 3 }],
    ["a stop text", { messages: user("Hello"), stop: ["x"] }],
    ["another form of answer", { messages: user("Hello"), response_format: { type: "json_object" } }],
  ])("is none for %s", (_about, request) => {
    expect(nameOf(request)).toBeUndefined();
  });
});
