import { test } from "vitest";
import { fuzzAnswers } from "./support/fuzz-answers.ts";

test.each(["application/json", "text/event-stream"])(
  "50,000 whole answers, labelled %s",
  async (contentType) => {
    await fuzzAnswers(50_000, contentType);
  },
  600_000,
);
