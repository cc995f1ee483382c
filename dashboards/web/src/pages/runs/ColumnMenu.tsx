/** Which columns the table has: facts, config and summary values, found by typing. */

import { useState } from "react";
import { Menu, MenuItem, SearchField } from "../../components/controls";
import { useText } from "../../locales/useText";
import type { FieldNames } from "../../state/runTable";
import { toggled } from "../../state/views";
import s from "./runs.module.css";

const FACTS = [
  "status",
  "created_at",
  "updated_at",
  "duration_s",
  "step",
  "tags",
  "notes",
  "host",
  "group",
  "job_type",
  "git_commit",
  "run_id",
  "exit_code",
] as const;
/** Of ten thousand names the first hits are enough; typing finds the rest. */
const LISTED = 40;

type ColumnMenuProps = {
  readonly names: FieldNames;
  /** The columns now shown, chosen or automatic. */
  readonly columns: readonly string[];
  readonly automatic: boolean;
  readonly onChange: (columns: readonly string[]) => void;
};

export function ColumnMenu({ names, columns, automatic, onChange }: ColumnMenuProps) {
  const t = useText();
  const [find, setFind] = useState("");
  const wanted = find.toLowerCase();
  const groups = [
    {
      title: t.runs.fields,
      fields: FACTS.map((field) => ({ field, label: t.runs.columnNames[field] })),
    },
    {
      title: t.runs.summary,
      fields: names.summary.map((name) => ({ field: `summary.${name}`, label: name })),
    },
    {
      title: t.runs.config,
      fields: names.config.map((name) => ({ field: `config.${name}`, label: name })),
    },
  ];
  return (
    <Menu label={t.runs.columns} icon="columns" align="end">
      {() => (
        <div className={s.columnsPanel}>
          <SearchField
            className={s.wide}
            label={t.runs.columnsFind}
            value={find}
            clear={t.clear}
            onChange={setFind}
          />
          {!automatic && <MenuItem text={t.runs.reset} onClick={() => onChange([])} />}
          {groups.map(({ title, fields }) => {
            const hits = fields.filter(({ label }) => label.toLowerCase().includes(wanted));
            if (hits.length === 0) return null;
            return (
              <div key={title}>
                <div className={s.columnsGroup}>{title}</div>
                {hits.slice(0, LISTED).map(({ field, label }) => (
                  <MenuItem
                    key={field}
                    text={label}
                    checked={columns.includes(field)}
                    onClick={() => onChange(toggled(columns, field))}
                  />
                ))}
              </div>
            );
          })}
        </div>
      )}
    </Menu>
  );
}
