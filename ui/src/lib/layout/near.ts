/** Whether something comes into sight soon, in whatever scrolls around it. */

/** Returns what scrolls around an element; null: the window does. */
export function scrollerOf(element: Element): Element | null {
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return null;
}

/** Watches an element, and calls `come` when it is less than `px` CSS pixels from being in sight. */
export function watchNear(element: Element, px: number, come: () => void): IntersectionObserver {
  const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && come(), {
    root: scrollerOf(element),
    rootMargin: `${px}px`,
  });
  observer.observe(element);
  return observer;
}
