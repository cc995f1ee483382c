/** What can be done with the selected runs. Deleting means the trash, and names the number. */

import { useNavigate } from "@tanstack/react-router";
import type { Run } from "../../api/types";
import { Button } from "../../components/controls";
import { useText } from "../../locales/useText";
import { useBulkTag, useTrash } from "../../state/queries";
import { showToast } from "../../state/toast";
import s from "./runs.module.css";

type SelectionBarProps = {
  readonly project: string;
  readonly runs: readonly Run[];
  readonly selected: ReadonlySet<string>;
  readonly onClear: () => void;
};

export function SelectionBar({ project, runs, selected, onClear }: SelectionBarProps) {
  const t = useText();
  const navigate = useNavigate();
  const { remove, restore } = useTrash();
  const tagging = useBulkTag();
  const names = runs.filter(({ run }) => selected.has(run));
  const compare = (): void => {
    void navigate({
      to: "/p/$project/compare",
      params: { project },
      search: { runs: names.map(({ run_id }) => run_id).join(",") },
    });
  };
  const trash = (): void => {
    const addresses = names.map(({ run }) => run);
    remove.mutate(addresses, {
      onSuccess: () => {
        onClear();
        showToast({
          text: t.runs.trashed(addresses.length),
          action: { text: t.runs.undo, run: () => restore.mutate(addresses) },
        });
      },
      onError: (error) => showToast({ text: String(error.message) }),
    });
  };
  return (
    <div className={s.selection}>
      <span>{t.runs.selected(selected.size, runs.length)}</span>
      <Button
        label={t.runs.compare}
        text={t.runs.compare}
        bordered
        disabled={names.length < 2}
        onClick={compare}
      />
      <input
        className={s.addTag}
        placeholder={t.run.addTag}
        aria-label={t.run.addTag}
        onKeyDown={(event) => {
          const tag = event.currentTarget.value.trim();
          if (event.key !== "Enter" || tag === "") return;
          event.currentTarget.value = "";
          tagging.mutate(
            { runs: names, tag },
            { onError: (error) => showToast({ text: error.message }) },
          );
        }}
      />
      <Button label={t.runs.trashAsk(names.length)} text={t.runs.trash} onClick={trash} />
      <Button label={t.runs.unselect} icon="close" onClick={onClear} />
    </div>
  );
}
