/** Clouds of points, drawn; the file beside them for other programs. */

import { useMemo } from "react";
import { PointCloud } from "../../../charts/PointCloud";
import { useLook } from "../../../components/ChartTheme";
import { Failure, Progress } from "../../../components/states";
import type { MediaFile } from "../../../data/media";
import { LINES, rgbOf } from "../../../data/palette";
import { toCloud } from "../../../data/points";
import { useText } from "../../../locales/useText";
import { useFilesJson } from "../../../state/queries";
import { FileCards } from "./Files";
import s from "./media.module.css";

type Props = {
  readonly run: string;
  readonly name: string;
  readonly files: readonly MediaFile[];
  readonly big: boolean;
};

const HEIGHT = 230;
/** What the head and the edges of a full view take. */
const AROUND = 190;

export function Clouds({ run, name, files, big }: Props) {
  return files.map((file, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: equal clouds may stand twice
    <div key={index}>
      {file.path !== null && <CloudView run={run} name={name} path={file.path} big={big} />}
      <FileCards run={run} files={[file]} />
    </div>
  ));
}

type CloudViewProps = Pick<Props, "run" | "name" | "big"> & { readonly path: string };

function CloudView({ run, name, path, big }: CloudViewProps) {
  const t = useText().media;
  const { palette, ground } = useLook();
  const file = useFilesJson(run, [path]);
  const lines = LINES[palette][ground];
  const cloud = useMemo(() => toCloud(file.data?.[0], lines.map(rgbOf)), [file.data, lines]);
  if (file.error) return <Failure error={file.error} retry={() => void file.refetch()} />;
  if (!file.data) return <Progress />;
  if (!cloud) return <p className={s.note}>{t.noPoints}</p>;
  return (
    <PointCloud
      cloud={cloud}
      colour={lines[0] ?? "#3f90da"}
      height={big ? Math.max(innerHeight - AROUND, HEIGHT) : HEIGHT}
      label={t.cloudLabel(name, cloud.count)}
    />
  );
}
