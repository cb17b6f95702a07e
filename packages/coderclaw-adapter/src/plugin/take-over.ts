import { createPlugin } from "./create-plugin.ts";

/** The entry that replaces OpenClaw's bundled `vllm` plugin (`npx @vllm/connect init-plugin --take-over`). */
export default createPlugin({ pluginId: "vllm", providerId: "vllm" });
