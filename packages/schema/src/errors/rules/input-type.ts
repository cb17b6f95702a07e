import type { Finding, Rule } from "./rule.ts";

/** Some of these come as 500, though sending the same request again cannot help. */
export const inputType: Rule = ({ message }) => {
  for (const [pattern, make] of KINDS) {
    const found = pattern.exec(message);
    if (found !== null) return { code: "INPUT_TYPE_NOT_SUPPORTED", ...make(found) };
  }
  return undefined;
};

type Words = Pick<Finding, "message" | "hint" | "reason">;

const KINDS: readonly [RegExp, (found: RegExpExecArray) => Words][] = [
  [
    /is not a multimodal model|Multi-modal processor not available/,
    () => ({
      reason: "text-only",
      message: "The model takes text only, and the request holds an image, sound or video.",
      hint: "Leave the medium out, or serve a model that can see.",
    }),
  ],
  [
    /^At most (\d+) (\w+)\(s\) may be provided/,
    ([, limit, kind]) =>
      limit === "0"
        ? {
            message: `The model takes no ${kind} input, or the server was started with it switched off.`,
            hint: `Leave the ${kind} out. Where the model can take it: vllm serve <model> --limit-mm-per-prompt '{"${kind}": 1}'.`,
          }
        : {
            message: `The server takes at most ${limit} ${kind} input(s) in one prompt.`,
            hint: `Send at most ${limit}. A larger --limit-mm-per-prompt '{"${kind}": N}' helps where the model itself takes more.`,
          },
  ],
  [
    /^Unsupported chat content part type: '([\w-]{1,40})'/,
    ([, kind]) => ({
      message: `The server does not know content parts of type "${kind}".`,
      hint: "Send the content as text, image_url, input_audio, audio_url or video_url.",
    }),
  ],
  [
    /^Unsupported chat content part type/,
    () => ({
      message: "The server does not know one of the types of content parts.",
      hint: "Send the content as text, image_url, input_audio, audio_url or video_url.",
    }),
  ],
  [
    /--allowed-local-media-path/,
    () => ({
      message: "The server does not read media from its own disk.",
      hint: "Send the medium as a data: URL, or start the server with --allowed-local-media-path <folder> and use a file inside that folder.",
    }),
  ],
  [
    /URL must be from one of the allowed domains/,
    () => ({
      message: "The server does not fetch media from that host.",
      hint: "Send the medium as a data: URL, or add the host to --allowed-media-domains.",
    }),
  ],
  [
    /^Failed to fetch media from URL: HTTP (\d+)/,
    ([, status]) => ({
      message: `The server could not fetch the image, sound or video: its address answered ${status}.`,
      hint: "Check the address, or send the medium as a data: URL.",
    }),
  ],
  [
    // LiteLLM says "Cannot connect to host" of vLLM itself, later in its message.
    /^Cannot connect to host|^Failed to fetch media|^Timeout on reading data from socket/,
    () => ({
      message: "The server could not fetch the image, sound or video from its address.",
      hint: "The address must be one that the server itself can reach; or send the medium as a data: URL.",
    }),
  ],
  [
    /Failed to load image|cannot identify image file|Non-base64 digit|Incorrect padding|Only base64 data URLs|Invalid data URL|multi_modal_data\[/,
    () => ({
      message: "The server could not read the image, sound or video of the request.",
      hint: "Send a whole file as data:<media type>;base64,<data>, and check that it opens elsewhere.",
    }),
  ],
];
