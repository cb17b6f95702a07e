import { expect, test } from "vitest";
import { createAgentTools } from "./create-tools.ts";
import { toRunnableTool } from "./to-runnable-tool.ts";

test("the agent's tools as the request says them", async () => {
  const definitions = (await createAgentTools(".")).map((tool) => toRunnableTool(tool, 1000));
  expect(
    definitions.map(({ function: { name, parameters } }) => [
      name,
      Object.keys((parameters?.["properties"] ?? {}) as object),
      parameters?.["required"],
    ]),
  ).toEqual([
    ["list_files", ["path"], []],
    ["read_file", ["path", "start_line"], ["path"]],
    ["search_files", ["query", "path"], ["query"]],
    ["calculator", ["expression"], ["expression"]],
    ["clock", ["timezone"], []],
  ]);
  expect(definitions[3]).toEqual({
    type: "function",
    function: {
      name: "calculator",
      description: "Calculates an arithmetic expression exactly. Use it instead of calculating yourself.",
      parameters: {
        type: "object",
        properties: {
          expression: { type: "string", description: 'For example "17 * (23 + 4) ^ 2" or "sqrt(2) / 3"' },
        },
        required: ["expression"],
        additionalProperties: false,
      },
    },
  });
});
