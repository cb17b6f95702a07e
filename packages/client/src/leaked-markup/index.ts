export type { MarkupReader } from "./create-markup-reader.ts";
export { detectLeak, findLeakedCall } from "./detect-leak.ts";
export type { MarkupPiece } from "./markup-reader-options.ts";
