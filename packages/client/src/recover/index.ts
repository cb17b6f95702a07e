export { createRecovery } from "./create-recovery.ts";
export type { Recovery } from "./create-recovery.ts";
export { detectLeak, findLeakedCall } from "./detect-leak.ts";
export type { RecoveredPiece } from "./recovery-options.ts";
