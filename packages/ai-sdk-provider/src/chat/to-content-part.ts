import { UnsupportedFunctionalityError, type LanguageModelV4FilePart } from "@ai-sdk/provider";
import type { ContentPart } from "@vllm/client";
import { toBase64, toBytes } from "./to-base64.ts";

type File = Pick<LanguageModelV4FilePart, "data" | "mediaType" | "filename" | "providerOptions">;

/** Media types whose content a model can read as text. */
const TEXT = /^(?:text(?:\/.*)?|application\/(?:json|xml|yaml|x-yaml|javascript|typescript|x-sh|toml|sql))$/;

/** What a data URL says where the caller named only the kind. vLLM looks at the bytes. */
const SUBTYPES: Readonly<Record<string, string>> = { image: "image/png", audio: "audio/wav", video: "video/mp4" };

/**
 * A file as vLLM's chat route takes it: pictures, sound and video by address or as a data URL, text as text.
 *
 * @throws {UnsupportedFunctionalityError} for every other kind
 */
export function toContentPart(file: File): ContentPart {
  const mediaType = file.mediaType.toLowerCase();
  if (file.data.type === "text") return { type: "text", text: file.data.text };
  if (file.data.type === "data" && TEXT.test(mediaType)) {
    return { type: "text", text: new TextDecoder().decode(toBytes(file.data.data)) };
  }
  const kind = mediaType.split("/", 1)[0];
  const url = toUrl(file, mediaType);
  switch (kind) {
    case "image":
      return toImagePart(url, file);
    case "audio":
      return { type: "audio_url", audio_url: { url } };
    case "video":
      return { type: "video_url", video_url: { url } };
    default:
      throw unsupported(mediaType);
  }
}

function toImagePart(url: string, { providerOptions }: File): ContentPart {
  const { detail, uuid } = providerOptions?.["vllm"] ?? {};
  return {
    type: "image_url",
    image_url: { url, ...(detail === "low" || detail === "high" || detail === "auto" ? { detail } : {}) },
    ...(typeof uuid === "string" ? { uuid } : {}),
  };
}

function toUrl({ data }: File, mediaType: string): string {
  if (data.type === "url") return data.originalUrl ?? data.url.href;
  if (data.type !== "data") {
    throw new UnsupportedFunctionalityError({
      functionality: "files by reference",
      message: "vLLM stores no files, so a reference to one cannot be sent. Pass the file itself, or its address.",
    });
  }
  const [kind = "", subtype] = mediaType.split("/");
  const full = subtype === undefined || subtype === "*" ? (SUBTYPES[kind] ?? mediaType) : mediaType;
  return `data:${full};base64,${toBase64(data.data)}`;
}

function unsupported(mediaType: string): UnsupportedFunctionalityError {
  return new UnsupportedFunctionalityError({
    functionality: `files of type ${mediaType}`,
    message: `vLLM takes no files of type ${mediaType}. Send pictures, sound, video or text; turn a document into text or pictures first.`,
  });
}
