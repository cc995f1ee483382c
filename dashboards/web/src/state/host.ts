/** The last 15 minutes of the server's machine: by socket, or by asking every two seconds. */

import { useEffect } from "react";
import type { HostSample } from "../api/types";
import { addHostSample, useLive, useLiveWant } from "./live";
import { fetchHostSample } from "./queries";

const POLL_MS = 2000;

export function useHost(): readonly HostSample[] {
  const samples = useLive(({ host }) => host);
  const live = useLive(({ state }) => state === "live");
  useLiveWant({ system: true });
  useEffect(() => {
    const ask = (): void => {
      // A server that is away is said so by the top bar.
      fetchHostSample().then(addHostSample, () => undefined);
    };
    ask();
    if (live) return;
    const timer = setInterval(ask, POLL_MS);
    return () => clearInterval(timer);
  }, [live]);
  return samples;
}
