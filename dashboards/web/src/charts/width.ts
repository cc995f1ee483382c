/** How wide a drawing may be: as wide as the element that holds it. */

import { type RefObject, useEffect, useState } from "react";

/** Whole CSS pixels; 0 until the element has been measured. */
export function useWidth(host: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!host.current) return;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [host]);
  return width;
}
