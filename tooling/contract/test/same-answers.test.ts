import { describeTargets } from "../src/index.ts";
import { askedOfTheLab, expectSameAnswers } from "./same-answers.ts";

describeTargets(["msw", "fake"], (target) => {
  expectSameAnswers(
    target,
    askedOfTheLab.filter((_id, index) => index % 8 === 0),
  );
});
