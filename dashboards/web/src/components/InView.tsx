/** Children exist only near the viewport: ten thousand charts cost as much as those you see. */

import { type ReactNode, useEffect, useRef, useState } from "react";

type InViewProps = { readonly className?: string | undefined; readonly children: ReactNode };

export function InView({ className, children }: InViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!host.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => setNear(entry?.isIntersecting ?? false),
      { rootMargin: "240px 0px" },
    );
    observer.observe(host.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={host} className={className}>
      {near && children}
    </div>
  );
}
