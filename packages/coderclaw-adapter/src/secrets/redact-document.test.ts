import { growthOf } from "@vllm-tooling/contract";
import JSON5 from "json5";
import { describe, expect, test } from "vitest";
import { redactDocument } from "./redact-document.ts";

describe("redactDocument", () => {
  test("masks what holds a secret and nothing else", () => {
    const text = `{
  // apiKey: "sk-in-a-comment"
  env: { vars: { ANY: "value-of-env" }, PLAIN: "also-env" },
  gateway: { auth: { token: 'gateway-token' }, port: 1 },
  models: { providers: { vllm: {
    baseUrl: "http://user:pass@host/v1",
    apiKey: "literal-secret", // old: sk-abcdefgh
    headers: { "X-Team": "team-secret" },
    models: [{ id: "m", maxTokens: 8192, contextTokens: 5 }],
  } } },
}`;
    const shown = redactDocument(text);
    for (const secret of [
      "in-a-comment",
      "value-of-env",
      "also-env",
      "gateway-token",
      "pass@",
      "literal-secret",
      "abcdefgh",
      "team-secret",
    ])
      expect(shown).not.toContain(secret);
    expect(shown).toContain("maxTokens: 8192, contextTokens: 5");
    expect(shown).toContain('id: "m"');
    expect(JSON5.parse(shown)).toHaveProperty("models.providers.vllm.apiKey", "••••••");
  });

  test("references are shown", () => {
    const text = '{ apiKey: "${VLLM_API_KEY}", token: "VLLM_API_KEY" }';
    expect(redactDocument(text)).toBe(text);
  });

  test("a broken file is masked by what its text looks like", () => {
    const shown = redactDocument("{ apiKey: 'hf_abcdefgh', password = hunter22, 'Authorization': Bearer abcdef");
    for (const secret of ["hf_abc", "hunter22", "abcdef"]) expect(shown).not.toContain(secret);
  });

  test("line counts stay, so that a diff fits", () => {
    const text = '{\n  secret: [\n    "one",\n    "two"\n  ]\n}\n';
    expect(redactDocument(text)).toBe('{\n  secret: [\n    "••••••",\n    "••••••"\n  ]\n}\n');
  });
});

test.each(["passw", "-eyJabcdefghijk", "key:", "key ", "bearer ", "//", "sk-", "/*"])(
  "a document full of %j is masked in linear time",
  (atom) => {
    expect(growthOf(redactDocument, atom)).toBeLessThan(8);
  },
);
