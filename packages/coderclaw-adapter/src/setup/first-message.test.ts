import { describe, expect, test } from "vitest";
import { firstMessage } from "./first-message.ts";

const WORKS = `  coderclaw gateway run --allow-unconfigured\n  coderclaw -m "List the files here"`;

describe("firstMessage", () => {
  test("CoderClaw: the gateway, then -m of the root command; never `coderclaw agent`, whose -m the root command takes", () => {
    const text = firstMessage("coderclaw", { value: {}, env: {} });
    expect(text).toContain(WORKS);
    expect(text).not.toContain("coderclaw agent");
  });

  test.each([
    ["nothing", {}, {}, true],
    ["a blank token", { auth: { token: " " } }, { CODERCLAW_GATEWAY_TOKEN: "" }, true],
    ["a token in the configuration", { auth: { token: "t" } }, {}, false],
    ["a password in the configuration", { auth: { mode: "password", password: "p" } }, {}, false],
    ["a token in the environment", {}, { CODERCLAW_GATEWAY_TOKEN: "t" }, false],
    ["a password in the environment", { auth: {} }, { CODERCLAW_GATEWAY_PASSWORD: "p" }, false],
  ])(
    "with %s as the gateway's login, the command that makes one is named only where it is needed",
    (_what, gateway, env, isNamed) => {
      const text = firstMessage("coderclaw", { value: { gateway }, env });
      expect(text).toContain(WORKS);
      expect(text.includes("\n  coderclaw doctor --generate-gateway-token --non-interactive --yes\n")).toBe(isNamed);
    },
  );

  test("OpenClaw runs one message without a gateway", () => {
    expect(firstMessage("openclaw", { value: {}, env: {} })).toBe(
      `Try it:\n  openclaw agent --local --agent main -m "List the files here"`,
    );
  });
});
