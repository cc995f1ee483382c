/** Keys: one listener for the page; the newest claim on a key wins. */

import { useEffect, useRef } from "react";
import { useSettings } from "./settings";

type Handler = (event: KeyboardEvent) => void;
type Bindings = { readonly [key: string]: Handler };

const layers: { current: Bindings }[] = [];
let prefix = "";
let prefixTimer: ReturnType<typeof setTimeout> | null = null;

/** The name of a key press as bindings write it: "Control+k", "Shift+l", "g r", "Escape". */
export function keyName(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey">,
): string {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `Control+${letter}`;
  const shifted = event.shiftKey && (event.key.length > 1 || /[a-z]/u.test(letter));
  return shifted ? `Shift+${letter}` : letter;
}

function inText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches("input:not([type=checkbox],[type=radio],[type=range]), textarea, select")
  );
}

function find(name: string): Handler | undefined {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const handler = layers[index]?.current[name];
    if (handler) return handler;
  }
  return undefined;
}

function remember(name: string): void {
  prefix = name;
  if (prefixTimer) clearTimeout(prefixTimer);
  prefixTimer = setTimeout(() => {
    prefix = "";
  }, 900);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = keyName(event);
  const single = name.length === 1 || name.startsWith("Shift+");
  if (single && (inText(event.target) || !useSettings.getState().letterKeys)) return;
  if (name === "g" && prefix === "") {
    remember("g");
    return;
  }
  const handler = find(prefix === "" ? name : `${prefix} ${name}`) ?? find(name);
  prefix = "";
  if (!handler) return;
  // Text fields keep their own Enter, arrows and Escape unless the page binds Control keys.
  if (inText(event.target) && !name.startsWith("Control+") && name !== "Escape") return;
  event.preventDefault();
  handler(event);
}

let listening = false;

/** Bind keys while the calling component is mounted. */
export function useKeyboard(bindings: Bindings): void {
  const layer = useRef(bindings);
  layer.current = bindings;
  useEffect(() => {
    if (!listening) {
      addEventListener("keydown", onKey);
      listening = true;
    }
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}
