/** A longer text is no address. `URL` needs much more than linear time for some of them. */
export const MOST_ADDRESS = 8192;
