/** The rules that explain what servers say, by themselves: a page loads them when a server has said something. */
export { errorFromResponse, errorFromStreamEvent } from "./errors/from-response.ts";
