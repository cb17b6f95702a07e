import { describe, expect, test } from "vitest";
import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { isAuthorized } from "./api-key.ts";

/** Every request that was recorded on servers with `--api-key sk-lab-1234`, right and wrong ones. */
const recorded = listFixtures()
  .filter((entry) => entry.config.startsWith("api-key"))
  .map(({ id }) => loadFixture(id));

describe("isAuthorized", () => {
  test.each(recorded.filter(({ request }) => request.method !== "OPTIONS"))(
    "$id is let in, or not, as by vLLM",
    ({ request, response, provenance }) => {
      const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value.trim()]));
      const seen = isAuthorized({ path: request.path, headers }, "sk-lab-1234", provenance.version);
      expect(seen).toBe(response.status !== 401);
    },
  );

  test("without a key on the server everybody is let in", () => {
    expect(isAuthorized({ path: "/v1/models", headers: {} }, undefined, "0.32.0")).toBe(true);
  });
});
