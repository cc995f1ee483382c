/** The frame around every page: top bar, look, language, keys, palette. */

import { Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useMemo, useState } from "react";
import { readTheme } from "../../charts/theme";
import { type Look, LookContext } from "../../components/ChartTheme";
import { KeyMap } from "../../components/Overlay";
import { en } from "../../locales/en";
import { TextContext } from "../../locales/useText";
import { zh } from "../../locales/zh";
import { useKeyboard } from "../../state/keyboard";
import {
  applySettings,
  groundOf,
  languageOf,
  type Settings,
  useSettings,
  watchSystemTheme,
} from "../../state/settings";
import { showToast, useToast } from "../../state/toast";
import { Finder } from "./Finder";
import s from "./shell.module.css";
import { Top } from "./Top";

function readLook(settings: Settings): Look {
  return { chart: readTheme(), ground: groundOf(settings.theme), palette: settings.palette };
}

/** The look follows the settings and, when they leave it open, the system. */
function useLookOf(settings: Settings): Look {
  const [look, setLook] = useState(() => {
    applySettings(settings);
    return readLook(settings);
  });
  useLayoutEffect(() => {
    const apply = (): void => {
      applySettings(settings);
      setLook(readLook(settings));
    };
    apply();
    return watchSystemTheme(apply);
  }, [settings]);
  return look;
}

export async function copyLink(copied: string): Promise<void> {
  await navigator.clipboard.writeText(location.href);
  showToast({ text: copied });
}

type Overlay = "palette" | "keys" | null;

export function Shell() {
  const settings = useSettings();
  const look = useLookOf(settings);
  const text = languageOf(settings.language) === "zh" ? zh : en;
  const [overlay, setOverlay] = useState<Overlay>(null);
  const navigate = useNavigate();
  const { project } = useParams({ strict: false });
  const go = (to: "/p/$project" | `/p/$project/${"compare" | "llm" | "sweeps"}`): void => {
    if (project !== undefined) void navigate({ to, params: { project } });
    else void navigate({ to: "/" });
  };
  useKeyboard({
    "Control+k": () => setOverlay("palette"),
    "?": () => setOverlay("keys"),
    "g r": () => go("/p/$project"),
    "g c": () => go("/p/$project/compare"),
    "g l": () => go("/p/$project/llm"),
    "g w": () => go("/p/$project/sweeps"),
    "g s": () => void navigate({ to: "/system" }),
    c: () => void copyLink(text.copied),
  });
  const close = useMemo(() => () => setOverlay(null), []);
  return (
    <TextContext value={text}>
      <LookContext value={look}>
        <div className={s.shell}>
          <a className={s.skip} href="#main">
            {text.skip}
          </a>
          <Top onFind={() => setOverlay("palette")} />
          <main id="main" className={s.main} tabIndex={-1}>
            <Outlet />
          </main>
          {overlay === "palette" && <Finder onClose={close} onKeys={() => setOverlay("keys")} />}
          {overlay === "keys" && <KeyMap onClose={close} />}
          <ToastLine />
        </div>
      </LookContext>
    </TextContext>
  );
}

function ToastLine() {
  const { toast } = useToast();
  useEffect(() => () => showToast(null), []);
  if (!toast) return null;
  const { action } = toast;
  return (
    <div className={s.toast} role="status">
      {toast.text}
      {action && (
        <button
          type="button"
          onClick={() => {
            showToast(null);
            action.run();
          }}
        >
          {action.text}
        </button>
      )}
    </div>
  );
}
