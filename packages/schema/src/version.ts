/** Of all `@vllm` packages, which are released together. `pnpm version-packages` writes it, a test compares it with every package.json. */
export const VERSION = "0.0.0";
