import { displayUrl, VllmError } from "@vllm/schema/core";

/** A body that is packed in a way that is not known here. */
export function unknownEncoding(
  url: string,
  header: "content-encoding" | "transfer-encoding",
  name: string,
): VllmError {
  const known = header === "content-encoding" ? "gzip, deflate, br and, since Node 22.15, zstd" : "chunked";
  return new VllmError({
    code: "SERVER_UNREACHABLE",
    reason: "other",
    message: `The answer from ${displayUrl(url)} has a ${header} that cannot be undone here${quoted(name)}.`,
    hint: `Nobody asked for it: switch it off in the proxy in front of the server (nginx: gzip off). ${known} can be read.`,
    url: displayUrl(url),
  });
}

/** A body that is not what its `content-encoding` says. */
export function brokenEncoding(url: string, name: string, cause: unknown): VllmError {
  return new VllmError({
    code: "STREAM_MALFORMED",
    message: `The answer from ${displayUrl(url)} cannot be decompressed: its content-encoding says${quoted(name)}, and it is something else.`,
    hint: "A proxy in between changes the answer: switch its compression off for this server, or ask the server directly to compare (baseUrl).",
    url: displayUrl(url),
    cause,
  });
}

/** The server's word for it, where it is one. */
function quoted(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? ` "${name}"` : "";
}
