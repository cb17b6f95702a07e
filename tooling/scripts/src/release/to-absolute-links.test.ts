import { expect, test } from "vitest";
import { toAbsoluteLinks } from "./to-absolute-links.ts";

const at = { folder: "packages/client", url: "https://github.com/o/n" };

test.each([
  ["[errors](../../docs/errors.md#codes)", "[errors](https://github.com/o/n/blob/main/docs/errors.md#codes)"],
  ["[source](src/index.ts)", "[source](https://github.com/o/n/blob/main/packages/client/src/index.ts)"],
  ["![a run](../../docs/run.svg)", "![a run](https://github.com/o/n/raw/main/docs/run.svg)"],
  ['<img src="../../docs/run.svg">', '<img src="https://github.com/o/n/raw/main/docs/run.svg">'],
  ["[vLLM](https://docs.vllm.ai)", "[vLLM](https://docs.vllm.ai)"],
  ["[below](#sizes)", "[below](#sizes)"],
  ["[mail](mailto:a@b.example)", "[mail](mailto:a@b.example)"],
  ["a (bracket) and [no link]", "a (bracket) and [no link]"],
])("%s", (markdown, expected) => {
  expect(toAbsoluteLinks(markdown, at)).toBe(expected);
});
