/** The variable by which an agent that reads its key from one gets the key of this run. */
export const KEY_VARIABLE = "VLLM_CONNECT_KEY";
