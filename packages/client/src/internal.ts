/** For the other `@vllm` packages of the same version: nothing in here is promised to anybody else. */
export { askAgain } from "./broken-calls/ask-again.ts";
export { noToolParser, plainHistory } from "./broken-calls/learned-profile.ts";
