/** What there is most of. */

/** Returns up to `most` things, each kind once, the commonest kinds first; of equals the one that came first. */
export function commonest<T>(things: readonly T[], kindOf: (thing: T) => string, most: number): T[] {
  const found = new Map<string, { thing: T; count: number }>();
  for (const thing of things) {
    const kind = kindOf(thing);
    const known = found.get(kind);
    if (known) known.count += 1;
    else found.set(kind, { thing, count: 1 });
  }
  const sorted = [...found.values()].sort((one, other) => other.count - one.count);
  return sorted.slice(0, most).map(({ thing }) => thing);
}
