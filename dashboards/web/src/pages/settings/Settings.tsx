/** What this browser prefers. */

import { type ReactNode, useEffect } from "react";
import { useLook } from "../../components/ChartTheme";
import { Segments } from "../../components/controls";
import { KeyValues } from "../../components/KeyValues";
import { formatBytes, formatDuration } from "../../data/format";
import { LINES } from "../../data/palette";
import { useText } from "../../locales/useText";
import { docsUrl, useSelf, useServerConfig } from "../../state/queries";
import { useSettings } from "../../state/settings";
import s from "./settings.module.css";

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={s.row}>
      <span>{name}</span>
      {children}
    </div>
  );
}

/** Pairs in the order of the dictionary, as a segmented control wants them. */
function options<Name extends string>(
  texts: Record<Name, string>,
): readonly (readonly [Name, string])[] {
  return Object.entries(texts) as [Name, string][];
}

const isChosen = (one: { readonly value: string; readonly default: string }): boolean =>
  one.value !== one.default;

export function Settings() {
  const text = useText();
  const t = text.settings;
  const { theme, density, palette, language, letterKeys, change } = useSettings();
  const { ground } = useLook();
  const self = useSelf().data;
  const config = useServerConfig().data;
  useEffect(() => {
    document.title = `${t.title} – TrackLab`;
  }, [t]);
  const facts = text.system.facts;
  return (
    <div className={s.page}>
      <h1>{t.title}</h1>
      <p>{t.hint}</p>
      <Row name={t.theme}>
        <Segments
          label={t.theme}
          value={theme}
          options={options(t.themes)}
          onChange={(next) => change({ theme: next })}
        />
      </Row>
      <Row name={t.density}>
        <Segments
          label={t.density}
          value={density}
          options={options(t.densities)}
          onChange={(next) => change({ density: next })}
        />
      </Row>
      <Row name={t.palette}>
        <Segments
          label={t.palette}
          value={palette}
          options={options(t.palettes)}
          onChange={(next) => change({ palette: next })}
        />
        <span className={s.swatches}>
          {LINES[palette][ground].map((colour) => (
            <span key={colour} style={{ background: colour }} />
          ))}
        </span>
      </Row>
      <Row name={t.language}>
        <Segments
          label={t.language}
          value={language}
          options={options(t.languages)}
          onChange={(next) => change({ language: next })}
        />
      </Row>
      <Row name={t.letterKeys}>
        <Segments
          label={t.letterKeys}
          value={letterKeys ? "on" : "off"}
          options={options({ on: t.on, off: t.off })}
          onChange={(next) => change({ letterKeys: next === "on" })}
        />
      </Row>
      <h2>{t.server}</h2>
      {self && (
        <KeyValues
          entries={[
            [facts.version, self.version],
            [facts.root, self.root],
            [facts.rss_bytes, formatBytes(self.rss_bytes)],
            [facts.uptime_s, formatDuration(Math.round(self.uptime_s))],
            ...(config ? [[t.retention, t.days(config.data_retention_days)] as const] : []),
          ]}
        />
      )}
      {config && (
        <details className={s.chosen}>
          <summary>{t.chosen(config.settings.filter(isChosen).length)}</summary>
          <KeyValues
            entries={config.settings.map((one) => [
              one.name,
              isChosen(one) ? t.changed(one.value, one.default) : one.value || "–",
            ])}
          />
        </details>
      )}
      <a className={s.link} href={docsUrl()}>
        {t.api}
      </a>
    </div>
  );
}
