import { ChatSession, type SessionOptions } from "./chat-session.ts";

/** What a reply needs of its session. */
export type Session = Pick<ChatSession<unknown>, "wantsRawChunks" | "hasBegun" | "run" | "abort" | "pause" | "resume">;

/** The session of one chat. A page has `create-session.page.ts` in this file's place (`imports` in package.json). */
export function createSession<Output>(options: SessionOptions<Output>): Session {
  return new ChatSession(options);
}
