/** One short message at the bottom of the page, with at most one thing to do about it. */

import { create } from "zustand";

export type Toast = {
  readonly text: string;
  readonly action?: { readonly text: string; readonly run: () => void };
};

type ToastStore = { readonly toast: Toast | null };

const SHOWN_MS = 6000;
let timer: ReturnType<typeof setTimeout> | null = null;

export const useToast = create<ToastStore>()(() => ({ toast: null }));

export function showToast(toast: Toast | null): void {
  if (timer) clearTimeout(timer);
  useToast.setState({ toast });
  if (toast) timer = setTimeout(() => useToast.setState({ toast: null }), SHOWN_MS);
}
