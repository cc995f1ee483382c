/** The time of now for "3 min ago", refreshed every half minute and not with every render. */

import { useEffect, useState } from "react";

const TICK_MS = 30_000;

/** Epoch seconds. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
