import { libraryBuild } from "@vllm-tooling/build";

export default libraryBuild({
  entry: {
    index: "src/index.ts",
    openai: "src/openai.ts",
    run: "src/run.ts",
    "create-session": "src/chat/create-session.ts",
    "create-session.page": "src/chat/create-session.page.ts",
    "explain-refusal": "src/errors/explain-refusal.ts",
    "explain-refusal.page": "src/errors/explain-refusal.page.ts",
  },
  platform: "node",
  replace: {
    // Which of the two it is, the conditions in package.json say.
    "./create-session.ts": "#create-session",
    "../errors/explain-refusal.ts": "#explain-refusal",
    // The same, less the rules that a page loads when it needs them.
    "@vllm/schema/core": "@vllm/schema/internal/page",
  },
});
