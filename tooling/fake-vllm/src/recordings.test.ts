import { describe, expect, test } from "vitest";
import { compareVersions, recordingsOf } from "./recordings.ts";

describe("recordingsOf", () => {
  test("finds what the configuration itself was asked, before all others", () => {
    expect(recordingsOf("0.32.0/lab").get("hello-stream").id).toBe("0.32.0/lab/hello-stream");
    expect(recordingsOf("0.32.0/lab").get("nonesuch", "health").id).toBe("0.32.0/lab/health");
  });

  test("falls back to the same version, to plain servers of the same series first", () => {
    expect(recordingsOf("0.32.0/no-tool-parser").get("tool-one").id).toBe("0.32.0/hermes-qwen3/tool-one");
    expect(recordingsOf("0.32.0/no-tool-parser").get("models").id).toBe("0.32.0/tools-hermes/models");
    expect(recordingsOf("0.32.0/leak-kimi").get("models").id).toBe("0.32.0/lab/models");
  });

  test("falls back to another version, to the newest first", () => {
    expect(recordingsOf("0.24.0/small").get("stop-many").id).toBe("0.32.0/lab/stop-many");
    expect(recordingsOf("0.9.2/old").get("think-only").id).toBe("0.32.0/lab/think-only");
  });

  test("says which name is missing", () => {
    const recordings = recordingsOf("0.32.0/lab");
    expect(recordings.find(["nonesuch"])).toBeUndefined();
    expect(() => recordings.get("nonesuch", "nor-this")).toThrow(
      "No recording of any version is named nonesuch or nor-this.",
    );
  });

  test("lists the exchanges on a path, of this configuration and whole", () => {
    const own = recordingsOf("0.32.0/hermes-qwen3").own("/health");
    expect(own.map(({ id }) => id)).toEqual(["0.32.0/hermes-qwen3/health"]);
  });
});

describe("compareVersions", () => {
  test("counts, and does not spell", () => {
    expect(["0.10.2", "0.9.2", "0.32.0", "1.0.0"].toSorted(compareVersions)).toEqual([
      "0.9.2",
      "0.10.2",
      "0.32.0",
      "1.0.0",
    ]);
    expect(compareVersions("0.32.0", "0.32.0")).toBe(0);
  });
});
