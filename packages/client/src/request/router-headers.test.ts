import { describe, expect, test } from "vitest";
import { toDynamoHeaders, toLlmdHeaders } from "./router-headers.ts";

describe("toLlmdHeaders", () => {
  test("has both spellings of what is given, and nothing of what is not", () => {
    expect(toLlmdHeaders({})).toEqual({});
    expect(toLlmdHeaders({ objective: "interactive", fairnessId: "team-a", modelName: undefined })).toEqual({
      "x-gateway-inference-objective": "interactive",
      "x-llm-d-inference-objective": "interactive",
      "x-gateway-inference-fairness-id": "team-a",
      "x-llm-d-inference-fairness-id": "team-a",
    });
    expect(toLlmdHeaders({ modelName: "qwen", ttftMs: 500, tpotMs: 0 })).toEqual({
      "x-gateway-model-name-rewrite": "qwen",
      "x-llm-d-model-name-rewrite": "qwen",
      "x-slo-ttft-ms": "500",
      "x-llm-d-slo-ttft-ms": "500",
      "x-slo-tpot-ms": "0",
      "x-llm-d-slo-tpot-ms": "0",
    });
  });
});

describe("toDynamoHeaders", () => {
  test("names the session, its parent and its end", () => {
    expect(toDynamoHeaders({ sessionId: "run-1" })).toEqual({ "x-dynamo-session-id": "run-1" });
    expect(toDynamoHeaders({ sessionId: "run-1:child", parentSessionId: "run-1", isFinal: true })).toEqual({
      "x-dynamo-session-id": "run-1:child",
      "x-dynamo-parent-session-id": "run-1",
      "x-dynamo-session-final": "true",
    });
    expect(toDynamoHeaders({ sessionId: "run-1", isFinal: false })).toEqual({ "x-dynamo-session-id": "run-1" });
  });
});
