/** Tokens that a chat template adds around one message, at most. */
const MESSAGE_TOKENS = 16;
/** Bytes of a token: English has about 4, code 3, other scripts up to 3 a character. */
const BYTES_PER_TOKEN = 3;

export interface TokenEstimate {
  /** What it probably is. */
  likely: number;
  /** What it cannot be above: tokenizers do not split bytes. Pictures are not counted. */
  most: number;
}

const encoder = new TextEncoder();

/** Size of a part of a prompt, where the server does not count it. */
export function estimateTokens(messages: readonly unknown[]): TokenEstimate {
  const bytes = messages.reduce<number>((sum, message) => sum + byteLength(message), 0);
  const template = MESSAGE_TOKENS * messages.length;
  return { likely: Math.ceil(bytes / BYTES_PER_TOKEN) + template / 4, most: bytes + template };
}

function byteLength(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}
