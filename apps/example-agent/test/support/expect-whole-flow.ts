import { expect } from "vitest";

/** Everything the demo promises to show, in its order, without colours. */
export function expectWholeFlow(stdout: string): void {
  const order = [
    "Provider  ",
    "Server    http://127.0.0.1:",
    "Found     lab/tiny",
    "context window  32,768 tokens   server: max_model_len of /v1/models",
    "tool calls      ",
    "reasoning       ",
    "Model     lab/tiny",
    "> What time is it and what is 17 * 23?",
    "(thinking) ",
    "→ clock {",
    "→ calculator {",
    "← clock: ",
    "← calculator: 391",
    "(thinking) ",
    "17 * 23 = 391",
    "Usage     ",
    "Speed     first token after ",
  ];
  let from = 0;
  for (const piece of order) {
    const found = stdout.indexOf(piece, from);
    expect(found, `${piece} in:\n${stdout}`).toBeGreaterThanOrEqual(from);
    from = found + 1;
  }
  expect(stdout).toMatch(/Speed {5}first token after .+ tokens\/s\n$/);
  expect(stdout).not.toContain("\u001b");
}
