import { describe, expect, test } from "vitest";
import { chooseLogger } from "./logger.ts";

describe("chooseLogger", () => {
  test("takes the caller's, else the one that VLLM_LOG asks for", () => {
    expect(chooseLogger(console, { VLLM_LOG: "nonsense" })).toBe(console);
    expect(chooseLogger(undefined, {})).toBeUndefined();
    expect(Object.keys(chooseLogger(undefined, { VLLM_LOG: " debug " }) ?? {})).toEqual(["warn", "debug"]);
    expect(() => chooseLogger(undefined, { VLLM_LOG: "all" })).toThrow("VLLM_LOG");
  });

  test("does without the variable where a program may not read it, as in Deno without --allow-env", () => {
    const forbidden = new Proxy<Record<string, string>>(
      {},
      {
        get() {
          throw new TypeError("Requires env access");
        },
      },
    );
    expect(chooseLogger(undefined, forbidden)).toBeUndefined();
  });
});
