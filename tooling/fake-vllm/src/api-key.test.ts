import { describe, expect, test } from "vitest";
import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { isAuthorized } from "./api-key.ts";

/** Every request that was recorded on servers with `--api-key sk-lab-1234`, right and wrong ones. */
const recorded = listFixtures()
  .filter((entry) => entry.config.startsWith("api-key"))
  .map(({ id }) => loadFixture(id));

describe("isAuthorized", () => {
  test.each(recorded)("$id is let in, or not, as by vLLM", ({ request, response, provenance }) => {
    const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value.trim()]));
    const seen = isAuthorized(
      { method: request.method, path: request.path, headers },
      "sk-lab-1234",
      provenance.version,
    );
    expect(seen).toBe(response.status !== 401);
  });

  test.each([
    ["GET", "/v1foo", "0.32.0", false],
    ["GET", "/v2/x", "0.32.0", false],
    ["GET", "/cohere", "0.32.0", false],
    ["OPTIONS", "/v1/models", "0.32.0", true],
    ["GET", "/V1/models", "0.32.0", true],
  ])("%s %s of %s without a key is let in: %s", (method, path, version, isIn) => {
    expect(isAuthorized({ method, path, headers: {} }, "k", version)).toBe(isIn);
  });

  test("without a key on the server everybody is let in", () => {
    expect(isAuthorized({ method: "GET", path: "/v1/models", headers: {} }, undefined, "0.32.0")).toBe(true);
  });
});
