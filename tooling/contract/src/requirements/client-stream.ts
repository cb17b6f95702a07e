import type { Requirement } from "./requirement.ts";

const issue = "issue: the streaming client vLLM deserves";

/** Promises of the event stream itself. */
export const clientStream = {
  "client/stream-one-end": {
    behaviour: "Every stream has exactly one end: a `done` event or a thrown error, never both, never neither.",
    source: issue,
  },
  "client/stream-every-recording": {
    behaviour: "Every recorded stream gives the text, thought, calls and usage that its bytes hold.",
    source: issue,
  },
  "client/stream-any-chunking": {
    behaviour: "Any other cutting of the same bytes gives the same events.",
    source: issue,
  },
  "client/stream-any-cut": {
    behaviour: "A stream cut at any byte ends once, and its text is a prefix of the whole.",
    source: issue,
  },
  "client/stream-abort-anywhere": {
    behaviour: "Aborting at any event closes the connection and leaves nothing behind.",
    source: issue,
  },
  "client/stream-malformed": {
    behaviour: "Every hand-made stream under malformed/ is read as its note says.",
    source: issue,
  },
  "client/stream-repetition": {
    behaviour:
      "An answer that repetition detection stopped says so (`ending`), and the call that it was stopped in is not run, streamed or whole.",
    source: "real vLLM 0.32.0, repetition_detection in the request",
    recordings: [
      "0.32.0/lab-repetition/repetition-in-call-stream",
      "0.32.0/lab-repetition/repetition-in-call-nonstream",
      "0.32.0/lab-repetition/repetition-in-text-stream",
      "0.32.0/lab-repetition/repetition-in-text-nonstream",
    ],
  },
  "client/stream-no-secrets": {
    behaviour: "No planted key, prompt or header value is in any error's text or JSON.",
    source: issue,
  },
  "client/stream-dropped-reply": {
    behaviour: "A reply that is dropped without being read causes no unhandled rejection.",
    source: issue,
  },
  "client/stream-partial": {
    behaviour: "Every error of a stream carries what had arrived.",
    source: issue,
  },
  "client/stream-back-pressure": {
    behaviour: "A slow reader slows the server down instead of filling memory.",
    source: issue,
  },
  "client/stream-faults": {
    behaviour:
      "Refused, reset, cut, stalled, dripping, garbled, badly framed, compressed and huge answers each end in the right error.",
    source: issue,
  },
  "client/stream-agrees-with-openai": {
    behaviour: "On the same bytes the `openai` package sees the same text and calls.",
    source: issue,
  },
} as const satisfies Record<string, Requirement>;
