/** Name, state and origin of a run; name and tags are edited where they stand. */

import { type ReactNode, useState } from "react";
import type { RunDetail } from "../../api/types";
import { Icon } from "../../components/Icon";
import { StatusGlyph } from "../../components/StatusGlyph";
import { formatDuration, formatMetric } from "../../data/format";
import { stateOf } from "../../data/state";
import { useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { useEditRun } from "../../state/queries";
import { showToast } from "../../state/toast";
import s from "./run.module.css";

type Props = { readonly run: RunDetail };

export function RunHead({ run }: Props) {
  const t = useText();
  const edit = useEditRun(run.run);
  const refuse = { onError: (error: Error) => showToast({ text: error.message }) };
  return (
    <div className={s.head}>
      <div className={s.name}>
        <StatusGlyph status={stateOf(run)} size={14} />
        <NameField key={run.name} run={run} onRename={(name) => edit.mutate({ name }, refuse)} />
      </div>
      <Facts run={run} />
      <Tags
        run={run}
        onChange={(tags) => edit.mutate({ tags }, refuse)}
        addLabel={t.run.addTag}
        removeLabel={t.run.removeTag}
      />
    </div>
  );
}

function NameField({ run, onRename }: Props & { readonly onRename: (name: string) => void }) {
  const t = useText();
  const [draft, setDraft] = useState(run.name);
  const commit = (): void => {
    const name = draft.trim();
    if (name === "" || name === run.name) setDraft(run.name);
    else onRename(name);
  };
  return (
    <h1>
      <input
        value={draft}
        aria-label={t.run.rename}
        title={t.run.rename}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setDraft(run.name);
        }}
      />
    </h1>
  );
}

function Fact({ name, children }: { readonly name?: string; readonly children: ReactNode }) {
  return (
    <span>
      {name !== undefined && <b>{name}</b>}
      {children}
    </span>
  );
}

function Facts({ run }: Props) {
  const t = useText();
  const now = useNow();
  const started = run.created_at === null ? null : Date.parse(run.created_at) / 1000;
  return (
    <div className={s.facts}>
      <Fact>{t.states[stateOf(run)]}</Fact>
      {run.duration_s !== null && <Fact>{formatDuration(run.duration_s)}</Fact>}
      {run.step !== null && <Fact name={t.run.step}>{formatMetric(run.step)}</Fact>}
      {started !== null && <Fact>{t.ago(now - started)}</Fact>}
      {run.git_commit !== null && (
        <Fact name={t.run.commit}>
          <code>{run.git_commit.slice(0, 7)}</code>
        </Fact>
      )}
      {run.host !== null && <Fact name={t.run.host}>{run.host}</Fact>}
      {(run.bad_lines ?? 0) > 0 && (
        <span className={s.warn}>{t.run.badLines(run.bad_lines ?? 0)}</span>
      )}
      {(run.gaps ?? 0) > 0 && <span className={s.warn}>{t.run.gaps(run.gaps ?? 0)}</span>}
    </div>
  );
}

type TagsProps = Props & {
  readonly onChange: (tags: readonly string[]) => void;
  readonly addLabel: string;
  readonly removeLabel: (tag: string) => string;
};

function Tags({ run, onChange, addLabel, removeLabel }: TagsProps) {
  const [draft, setDraft] = useState("");
  const add = (): void => {
    const tag = draft.trim();
    setDraft("");
    if (tag !== "" && !run.tags.includes(tag)) onChange([...run.tags, tag]);
  };
  return (
    <div className={s.tags}>
      {run.tags.map((tag) => (
        <span key={tag} className={s.tag}>
          {tag}
          <button
            type="button"
            aria-label={removeLabel(tag)}
            onClick={() => onChange(run.tags.filter((other) => other !== tag))}
          >
            <Icon name="close" size={10} />
          </button>
        </span>
      ))}
      <input
        className={s.addTag}
        value={draft}
        placeholder={addLabel}
        aria-label={addLabel}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === "Enter") add();
        }}
      />
    </div>
  );
}
