import { describe, expect, it } from "vitest";

import { startLab } from "./start-lab.ts";

describe("startLab refuses before it installs anything", () => {
  it("a script that does not exist, and says which do", async () => {
    await expect(startLab({ script: "gpt-think" })).rejects.toMatchObject({
      name: "LabError",
      message: 'There is no script "gpt-think".',
      hint: expect.stringContaining("hermes, hermes-think, qwen_xml"),
    });
  });

  it.each([["--api-key", "sk-secret"], ["--api-key=sk-secret"], ["--api_key", "sk-secret"]])(
    "a key that would get into vLLM's log: %s",
    async (...flags) => {
      const error = await startLab({ flags }).catch((error: unknown) => error);
      expect(error).toMatchObject({ name: "LabError", hint: "Give it as the option apiKey." });
      expect(String(error)).not.toContain("sk-secret");
    },
  );
});
