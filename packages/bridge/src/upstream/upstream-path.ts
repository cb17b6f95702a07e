import { VllmError } from "@vllm/schema/core";

/** Whoever encodes more often than this hides something. */
const MOST_DECODINGS = 8;

/**
 * The path on vLLM's side for a request's target: the upstream's own path and then the target, byte for byte. Servers and proxies behind the
 * bridge decode and resolve paths in ways of their own, so a target that any of them could read as a way out is refused.
 *
 * @throws {VllmError} `INVALID_REQUEST` (400)
 */
export function toUpstreamPath(upstreamPath: string, target: string): string {
  if (!target.startsWith("/")) {
    throw refused("The request's target is not a path.", "The bridge is not a proxy: use its address as the base URL.");
  }
  if (leavesRoot(target)) {
    throw refused(
      "The request's path leads out of the upstream's, or could be read so.",
      "Send a plain path such as /v1/models: no `..` segment, however it is encoded, and no backslash.",
    );
  }
  return upstreamPath + target;
}

function leavesRoot(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  if (/[\\#]/.test(target) || !isWellEncoded(path)) return true;
  const decoded = decodeFully(path);
  // A `//` at the start is an authority to those who resolve the path as a reference.
  if (decoded === undefined || /^[/\\]{2}/.test(decoded)) return true;
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(decoded)) return true;
  return decoded.split(/[/\\]/).some((segment) => withoutParameters(segment).trim() === "..");
}

/** Servlet containers resolve `..;x=1` as `..`. */
function withoutParameters(segment: string): string {
  const [name = ""] = segment.split(";", 1);
  return name;
}

function isWellEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Decoded until nothing is left to decode, one character per byte: a chain of proxies decodes more than once. */
function decodeFully(path: string): string | undefined {
  let text = path;
  for (let times = 0; times < MOST_DECODINGS; times++) {
    const decoded = text.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
    if (decoded === text) return decoded;
    text = decoded;
  }
  return undefined;
}

function refused(message: string, hint: string): VllmError {
  return new VllmError({ code: "INVALID_REQUEST", status: 400, message, hint });
}
