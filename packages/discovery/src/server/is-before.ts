/** Compares release numbers; a suffix such as `rc1` or `+cu130` is not looked at. Unreadable versions (`dev`) are never old. */
export function isBefore(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text));
  if (!left || !right) return false;
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part] ?? 0) - Number(right[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
