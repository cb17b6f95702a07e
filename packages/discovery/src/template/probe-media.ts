import type { InputKind } from "@vllm/schema/core";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import { quoteText } from "../text/safe-text.ts";
import type { Rendered, Renderer, Rendering } from "./create-renderer.ts";
import type { Nonces } from "./questions.ts";

type Medium = Exclude<InputKind, "text">;

export interface MediaFacts {
  image: Capability;
  audio: Capability;
  video: Capability;
  /** How many of a kind one prompt may hold, where a refusal told it. */
  limits: Partial<Record<Medium, number>>;
}

/** White, 32 points square: some image processors refuse smaller ones. */
const IMAGE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKElEQVR42u3NQQEAAAQEMPTvfErw2wqsk9SnqWcCgUAgEAgEAoHgygLH8QM9BsqtpQAAAABJRU5ErkJggg==";
/** Three grey frames of the same size: the smallest video vLLM takes (`data:video/jpeg`, frames as base64 with commas). */
const FRAME =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAgACABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AAAAAAP/Z";
const VIDEO = `data:video/jpeg;base64,${[FRAME, FRAME, FRAME].join(",")}`;
/** More than this many pictures are not tried: each costs the server work. */
const MANY = 9;

/** Which media the model takes, and how many: one small medium of each kind is rendered, and the refusals are read. */
export async function probeMedia(renderer: Renderer, nonces: Nonces): Promise<MediaFacts> {
  const image = await renderer.render(withMedia(nonces, [imagePart()]));
  const facts: MediaFacts = {
    image: unknown("nobody asked"),
    audio: unknown("nobody asked"),
    video: unknown("nobody asked"),
    limits: {},
  };
  if (isTextOnly(image)) {
    const capability = no(`/tokenize with a picture: ${quote(image)}`);
    return { image: capability, audio: capability, video: capability, limits: { image: 0, audio: 0, video: 0 } };
  }
  const [many, audio, video] = await Promise.all([
    image.kind === "tokens" ? renderer.render(withMedia(nonces, Array.from({ length: MANY }, imagePart))) : image,
    renderer.render(withMedia(nonces, [{ type: "input_audio", input_audio: { data: silence(), format: "wav" } }])),
    renderer.render(withMedia(nonces, [{ type: "video_url", video_url: { url: VIDEO } }])),
  ]);
  const answers: readonly [Medium, Rendered][] = [
    ["image", image],
    ["audio", audio],
    ["video", video],
  ];
  for (const [kind, answer] of answers) {
    facts[kind] = readMedium(kind, answer);
    if (facts[kind].status === "no") facts.limits[kind] = 0;
  }
  const limit = limitIn(many, "image");
  if (limit !== undefined) facts.limits.image = limit;
  return facts;
}

/** The answer to a prompt with one medium → whether the model takes it. */
export function readMedium(kind: Medium, answer: Rendered): Capability {
  const asked = `/tokenize with ${{ image: "a picture", audio: "a sound", video: "a video" }[kind]}`;
  if (answer.kind === "tokens") return yes(`${asked} was rendered`);
  if (answer.kind === "failed") return unknown(`${asked}: ${answer.why}`);
  if (limitIn(answer, kind) === 0 || isTextOnly(answer)) return no(`${asked}: ${quote(answer)}`);
  const limit = limitIn(answer, kind);
  if (limit !== undefined) return yes(`${asked}: ${quote(answer)}`);
  return unknown(`${asked}: ${quote(answer)}`);
}

function isTextOnly(answer: Rendered): answer is Rendered & { kind: "refused" } {
  return answer.kind === "refused" && /is not a multimodal model/.test(answer.message);
}

function limitIn(answer: Rendered, kind: Medium): number | undefined {
  if (answer.kind !== "refused") return undefined;
  const match = /At most (\d+) (image|audio|video)\(s\) may be provided/.exec(answer.message);
  return match !== null && match[2] === kind ? Number(match[1]) : undefined;
}

function quote(answer: Rendered): string {
  return answer.kind === "refused" ? `${answer.status} ${quoteText(answer.message)}` : answer.kind;
}

function imagePart(): Readonly<Record<string, unknown>> {
  return { type: "image_url", image_url: { url: IMAGE } };
}

function withMedia(nonces: Nonces, parts: readonly Readonly<Record<string, unknown>>[]): Rendering {
  return { messages: [{ role: "user", content: [...parts, { type: "text", text: nonces.user }] }] };
}

/** A tenth of a second of silence: WAV, 16 kHz, mono, 16 bit. */
function silence(): string {
  const samples = 1600;
  const bytes = new Uint8Array(44 + samples * 2);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  write(0, "RIFF");
  view.setUint32(4, 36 + samples * 2, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 16_000, true);
  view.setUint32(28, 32_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, samples * 2, true);
  return btoa(String.fromCharCode(...bytes));
}
