/** Put an element on a page of the test, with the words it needs, and look at it by role and name. */

import { act, createElement, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";

declare global {
  // React asks for this name to know that a test drives it.
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

const roots: Root[] = [];

export async function show(content: ReactNode): Promise<HTMLElement> {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const host = document.createElement("div");
  document.body.append(host);
  const root = createRoot(host);
  roots.push(root);
  await act(async () => root.render(createElement("div", null, content)));
  return host;
}

export async function clearPage(): Promise<void> {
  await act(async () => {
    for (const root of roots.splice(0)) root.unmount();
  });
  document.body.replaceChildren();
}

/** Let React settle what an event started. */
export async function after(change: () => void): Promise<void> {
  await act(async () => change());
}

/** The first element with this role whose label or text is `name`. */
export function byRole(host: HTMLElement, role: string, name: string): HTMLElement {
  const found = [...host.querySelectorAll<HTMLElement>(`[role="${role}"], ${role}`)].find(
    (element) => (element.getAttribute("aria-label") ?? element.textContent) === name,
  );
  if (!found) throw new Error(`no ${role} named ${name} in ${host.innerHTML.slice(0, 400)}`);
  return found;
}
