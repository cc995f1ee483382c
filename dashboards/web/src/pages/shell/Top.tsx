/** Where am I, where can I go, is it live: one line. */

import { Link, useParams } from "@tanstack/react-router";
import { Button } from "../../components/controls";
import { Icon } from "../../components/Icon";
import { Mark } from "../../components/Mark";
import s from "../../components/TopBar.module.css";
import { useText } from "../../locales/useText";
import { useLive } from "../../state/live";
import { useRun } from "../../state/queries";
import { languageOf, type Theme, useSettings } from "../../state/settings";

export function Top({ onFind }: { readonly onFind: () => void }) {
  const t = useText();
  const { project, run } = useParams({ strict: false });
  return (
    <header className={s.bar}>
      <Link to="/" className={s.brand} aria-label={`TrackLab: ${t.nav.home}`}>
        <Mark />
        <span className={s.brandName}>TrackLab</span>
      </Link>
      {project !== undefined && (
        <nav className={s.crumbs} aria-label={t.nav.home}>
          <span className={s.crumb}>
            <Link to="/p/$project" params={{ project }}>
              {project}
            </Link>
          </span>
          {run !== undefined && <RunCrumb project={project} run={run} />}
        </nav>
      )}
      {project !== undefined && run === undefined && <ProjectNav project={project} />}
      <span className={s.space} />
      <button type="button" className={s.find} onClick={onFind} title={t.palette.title}>
        <Icon name="search" size={14} />
        <span>{t.search}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <LiveMark />
      <Link to="/system" className={s.icon} aria-label={t.nav.system} title={t.nav.system}>
        <Icon name="machine" />
      </Link>
      <ThemeButton />
      <LanguageButton />
      <Link to="/settings" className={s.icon} aria-label={t.nav.settings} title={t.nav.settings}>
        <Icon name="sliders" />
      </Link>
    </header>
  );
}

function RunCrumb({ project, run }: { readonly project: string; readonly run: string }) {
  const { data } = useRun(`${project}/${run}`);
  return (
    <span className={s.crumb}>
      <Link to="/p/$project/r/$run/$tab" params={{ project, run, tab: "overview" }}>
        {data?.name ?? run}
      </Link>
    </span>
  );
}

function ProjectNav({ project }: { readonly project: string }) {
  const t = useText().nav;
  const exact = {
    activeOptions: { exact: true, includeSearch: false },
    params: { project },
  } as const;
  return (
    <nav className={s.nav} aria-label={t.main}>
      <h1 className="visuallyHidden">{project}</h1>
      <Link to="/p/$project" {...exact}>
        {t.runs}
      </Link>
      <Link to="/p/$project/compare" {...exact}>
        {t.compare}
      </Link>
      <Link to="/p/$project/sweeps" {...exact}>
        {t.sweeps}
      </Link>
      <Link to="/p/$project/llm" {...exact}>
        {t.llm}
      </Link>
      <Link to="/p/$project/checkpoints" {...exact}>
        {t.checkpoints}
      </Link>
      <Link to="/p/$project/artifacts" {...exact}>
        {t.artifacts}
      </Link>
    </nav>
  );
}

function LiveMark() {
  const t = useText();
  const { state, lastAt } = useLive();
  const news = lastAt === 0 ? t.none : new Date(lastAt).toLocaleTimeString(t.locale);
  return (
    <span
      className={s.live}
      data-state={state}
      title={`${t.live[state]}. ${t.live.title(news)}`}
      role="status"
    >
      <span className={s.dot} />
      <span className={s.liveText}>{t.live[state]}</span>
    </span>
  );
}

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

function ThemeButton() {
  const t = useText();
  const { theme, change } = useSettings();
  const icon = theme === "system" ? "auto" : theme === "light" ? "sun" : "moon";
  return (
    <Button
      label={t.nav.theme(t.settings.themes[theme])}
      icon={icon}
      onClick={() => change({ theme: NEXT[theme] })}
    />
  );
}

function LanguageButton() {
  const t = useText();
  const { language, change } = useSettings();
  const other = languageOf(language) === "zh" ? "en" : "zh";
  return (
    <Button
      label={t.nav.languageTitle}
      text={t.nav.language}
      onClick={() => change({ language: other })}
    />
  );
}
