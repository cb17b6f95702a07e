// A page with two functions that need no zod.
import { normalizeBaseUrl, parseModelRef } from "@vllm/schema";

console.log(normalizeBaseUrl(location.hash), parseModelRef(location.search));
