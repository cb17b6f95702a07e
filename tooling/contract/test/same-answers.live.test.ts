import { describeTargets } from "../src/index.ts";
import { askedOfTheLab, expectSameAnswers } from "./same-answers.ts";

/** Finds out when a real vLLM no longer answers as it was recorded. */
describeTargets(["real"], (target) => {
  expectSameAnswers(
    target,
    askedOfTheLab.filter((id) => !id.endsWith("-nonstream")),
  );
});
