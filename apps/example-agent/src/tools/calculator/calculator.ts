import type { Tool } from "../tool.ts";
import { evaluate } from "./evaluate.ts";
import { formatValue } from "./value.ts";

export const calculator: Tool = {
  name: "calculator",
  description: "Calculates an arithmetic expression exactly. Use it instead of calculating yourself.",
  parameters: {
    expression: { type: "string", description: 'For example "17 * (23 + 4) ^ 2" or "sqrt(2) / 3"' },
  },
  run: ({ expression = "" }) => formatValue(evaluate(expression)),
};
