import { listFixtures } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { answer, NOT_FOUND, outcomeOf, TIMEOUT } from "../../test/outcomes.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { NOT_ASKED } from "../http/probe-outcome.ts";
import { isBefore } from "./is-before.ts";
import type { RouteName } from "./routes.ts";
import { isInconclusive, readRoutes, ROUTES, taskOf } from "./routes.ts";

const THERE = answer(405, { detail: "Method Not Allowed" });
const task = (
  outcomes: Partial<Record<RouteName, ProbeOutcome>>,
  version = "0.32.0",
  openapi: ProbeOutcome = NOT_ASKED,
) => taskOf(readRoutes(outcomes, openapi), version).task;

describe("a GET of a POST route", () => {
  test.each(listFixtures({ name: /^wrong-method-get-chat$/ }).map((entry) => [entry.id] as const))(
    "%s: the route is there",
    (id) => {
      expect(readRoutes({ chat: outcomeOf(id) }, NOT_ASKED).chat.status).toBe("yes");
    },
  );

  test("404 is no, a key's 401 and silence tell nothing", () => {
    expect(readRoutes({ chat: NOT_FOUND, responses: answer(401, {}), messages: TIMEOUT }, NOT_ASKED)).toMatchObject({
      chat: { status: "no" },
      responses: { status: "unknown" },
      messages: { status: "unknown" },
      embeddings: { status: "unknown", evidence: "nobody asked" },
    });
  });

  test("/openapi.json fills the gaps, and a 405 is still a yes", () => {
    const openapi = answer(200, { openapi: "3.1.0", paths: { "/v1/embeddings": { post: {} } } });
    const routes = readRoutes({ chat: NOT_FOUND, messages: THERE }, openapi);
    expect(routes).toMatchObject({
      chat: { status: "no" },
      embeddings: { status: "yes" },
      messages: { status: "yes" },
    });
  });
});

describe("taskOf", () => {
  test.each<[string, Partial<Record<RouteName, ProbeOutcome>>, string]>([
    ["chat", { chat: THERE, responses: THERE }, "chat"],
    ["embedding", { chat: NOT_FOUND, embeddings: THERE, rerank: NOT_FOUND }, "embedding"],
    ["rerank", { chat: NOT_FOUND, embeddings: NOT_FOUND, rerank: THERE }, "rerank"],
    ["classification", { chat: NOT_FOUND, classify: THERE }, "classification"],
    ["transcription", { chat: NOT_FOUND, transcription: THERE, completions: THERE }, "transcription"],
    ["completion", { chat: NOT_FOUND, completions: THERE }, "completion"],
    ["nothing known", { chat: NOT_FOUND }, "unknown"],
    ["not seen", {}, "unknown"],
    ["a key in the way", { chat: answer(401, {}) }, "unknown"],
  ])("%s", (_name, outcomes, expected) => {
    expect(task(outcomes)).toBe(expected);
  });

  test("up to 0.12 every task's routes are there, which tells nothing", () => {
    expect(task({ chat: THERE }, "0.12.0")).toBe("unknown");
    expect(task({ chat: THERE }, "0.24.0")).toBe("chat");
  });

  test("by /openapi.json alone", () => {
    const paths = Object.fromEntries(
      Object.values(ROUTES)
        .filter((path) => path !== ROUTES.chat && path !== ROUTES.transcription)
        .map((path) => [path, {}]),
    );
    expect(task({}, "0.32.0", answer(200, { paths }))).toBe("embedding");
  });
});

test("isInconclusive: only when no route of any task has shown itself", () => {
  expect(isInconclusive({ chat: THERE })).toBe(false);
  expect(isInconclusive({ chat: NOT_FOUND, rerank: THERE })).toBe(false);
  expect(isInconclusive({ chat: NOT_FOUND, responses: THERE })).toBe(true);
  expect(isInconclusive({})).toBe(true);
});

describe("isBefore", () => {
  test.each([
    ["0.9.2", "0.10.2", true],
    ["0.10.2", "0.9.2", false],
    ["0.32.0", "0.32.0", false],
    ["0.32", "0.32.1", true],
    ["v0.11.2", "0.12.0", true],
    ["0.33.0rc1.dev3+g123", "0.33.0", false],
    ["1.0.0", "0.32.0", false],
    ["dev", "0.32.0", false],
    ["", "0.32.0", false],
  ])("%s before %s: %s", (left, right, expected) => {
    expect(isBefore(left, right)).toBe(expected);
  });
});
