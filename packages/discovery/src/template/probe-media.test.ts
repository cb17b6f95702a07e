import { loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import type { Rendered, Renderer, Rendering } from "./create-renderer.ts";
import { probeMedia, readMedium } from "./probe-media.ts";
import { createNonces } from "./questions.ts";
import { createCountingNonce } from "../../test/recorded-template.ts";

/** The words of a recorded refusal. `/tokenize` checks media as `/v1/chat/completions` does. */
function refusal(id: string): Rendered {
  const { status, body } = loadFixture(id).response;
  const { error } = JSON.parse(new TextDecoder().decode(body)) as { error: { message: string } };
  return { kind: "refused", status, message: error.message };
}

const rendered: Rendered = { kind: "tokens", tokens: [1], key: "1", maxModelLen: 4096 };
const nonces = createNonces(createCountingNonce());

describe("readMedium", () => {
  test.each([
    ["image", rendered, "yes"],
    ["audio", refusal("0.32.0/vision/audio"), "no"],
    ["video", refusal("0.32.0/vision/video"), "no"],
    ["image", refusal("0.32.0/vision/image-too-many"), "yes"],
    ["image", refusal("0.32.0/vision/image-bad-base64"), "unknown"],
    ["audio", refusal("0.32.0/vision/image-too-many"), "unknown"],
    ["image", refusal("0.10.2/small/image-to-text-model"), "no"],
    ["image", { kind: "failed", why: "no answer in time" }, "unknown"],
  ] as const)("%s: %j is %s", (kind, answer, status) => {
    const capability = readMedium(kind, answer);
    expect(capability.status).toBe(status);
    expect(capability.evidence).toMatch(/^\/tokenize with a/);
  });
});

describe("probeMedia", () => {
  const partsOf = ({ messages }: Rendering) => (messages[0]!.content as { type: string }[]).map(({ type }) => type);

  function renderer(answer: (parts: string[]) => Rendered): Renderer & { asked: string[][] } {
    const asked: string[][] = [];
    return {
      asked,
      render: async (rendering) => {
        asked.push(partsOf(rendering));
        return answer(partsOf(rendering));
      },
      readText: async () => undefined,
      unanswered: () => 0,
      count: () => asked.length,
    };
  }

  test("a model of text is known by one question", async () => {
    const play = renderer(() => refusal("0.10.2/small/image-to-text-model"));
    expect(await probeMedia(play, nonces)).toMatchObject({
      image: { status: "no" },
      audio: { status: "no" },
      video: { status: "no" },
      limits: { image: 0, audio: 0, video: 0 },
    });
    expect(play.asked).toEqual([["image_url", "text"]]);
  });

  test("a model that sees one picture and neither hears nor watches", async () => {
    const play = renderer((parts) => {
      if (parts.includes("input_audio")) return refusal("0.32.0/vision/audio");
      if (parts.includes("video_url")) return refusal("0.32.0/vision/video");
      return parts.length > 2 ? refusal("0.32.0/vision/image-too-many") : rendered;
    });
    expect(await probeMedia(play, nonces)).toMatchObject({
      image: { status: "yes" },
      audio: { status: "no" },
      video: { status: "no" },
      limits: { image: 1, audio: 0, video: 0 },
    });
    expect(play.asked).toHaveLength(4);
  });

  test("a model that takes everything shows no limit", async () => {
    const { limits, ...kinds } = await probeMedia(
      renderer(() => rendered),
      nonces,
    );
    expect(limits).toEqual({});
    expect(Object.values(kinds).map(({ status }) => status)).toEqual(["yes", "yes", "yes"]);
  });

  test("a model that only hears", async () => {
    const play = renderer((parts) =>
      parts.includes("input_audio")
        ? rendered
        : {
            kind: "refused",
            status: 400,
            message: `At most 0 ${parts.includes("video_url") ? "video" : "image"}(s) may be provided in one prompt.`,
          },
    );
    expect(await probeMedia(play, nonces)).toMatchObject({
      image: { status: "no" },
      audio: { status: "yes" },
      video: { status: "no" },
      limits: { image: 0, video: 0 },
    });
  });
});
