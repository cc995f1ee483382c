/** Sounds, films, pages and whatever else is a file: played, framed, or offered. */

import { useState } from "react";
import { Icon } from "../../../components/Icon";
import { Failure, Progress } from "../../../components/states";
import type { MediaFile } from "../../../data/media";
import { useText } from "../../../locales/useText";
import { fileUrl, frameUrl, useFileText } from "../../../state/queries";
import s from "./media.module.css";

type Props = {
  readonly run: string;
  readonly name: string;
  readonly files: readonly MediaFile[];
};

const isAnimation = (path: string): boolean => path.toLowerCase().endsWith(".gif");
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export function Sounds({ run, name, files }: Props) {
  return files.map(({ path, caption }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: equal sounds may stand twice
    <figure key={index} className={s.sound}>
      {path === null ? (
        <Lost />
      ) : (
        // biome-ignore lint/a11y/useMediaCaption: what a run logged has no captions track
        <audio controls preload="none" src={fileUrl(run, path)} aria-label={caption || name} />
      )}
      {caption !== "" && <figcaption>{caption}</figcaption>}
    </figure>
  ));
}

export function Films({ run, name, files }: Props) {
  return (
    <div className={s.pictures} data-many={files.length > 1}>
      {files.map(({ path, caption }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal films may stand twice
        <figure key={index} className={s.picture}>
          {path === null ? <Lost /> : <Film run={run} path={path} label={caption || name} />}
          {caption !== "" && <figcaption>{caption}</figcaption>}
        </figure>
      ))}
    </div>
  );
}

function Film({
  run,
  path,
  label,
}: {
  readonly run: string;
  readonly path: string;
  readonly label: string;
}) {
  if (isAnimation(path)) {
    return <img className={s.film} src={fileUrl(run, path)} alt={label} loading="lazy" />;
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: what a run logged has no captions track
    <video
      className={s.film}
      controls
      loop
      preload="metadata"
      src={fileUrl(run, path)}
      aria-label={label}
    />
  );
}

/** Pages that were logged may run scripts, in an origin of their own and without any network. */
export function Frames({ run, name, files, big }: Props & { readonly big: boolean }) {
  return files.map(({ path, caption }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: equal pages may stand twice
    <figure key={index} className={s.frame} data-big={big}>
      {path === null ? (
        <Lost />
      ) : (
        <iframe
          title={caption || name}
          src={frameUrl(run, path)}
          sandbox="allow-scripts"
          loading="lazy"
          referrerPolicy="no-referrer"
        />
      )}
      {caption !== "" && <figcaption>{caption}</figcaption>}
    </figure>
  ));
}

/** Files for other programs: to fetch, and to look into as text. */
export function FileCards({ run, files }: Pick<Props, "run" | "files">) {
  return files.map(({ path, caption }, index) =>
    path === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: equal files may stand twice
      <Lost key={index} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <FileCard key={index} run={run} path={path} caption={caption} />
    ),
  );
}

/** A preview is for a look, not for reading a file of a hundred megabytes. */
const SHOWN = 20_000;
const READABLE = /\.(?:json|pdb|mol|mol2|sdf|obj|gltf|xyz|cif|txt|csv)$/u;

type CardProps = { readonly run: string; readonly path: string; readonly caption: string };

function FileCard({ run, path, caption }: CardProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const text = useFileText(run, open ? path : null);
  const name = baseName(path);
  return (
    <div className={s.card}>
      {caption !== "" && <p>{caption}</p>}
      <a href={fileUrl(run, path)} download={name} title={t.files.download(name)}>
        <Icon name="save" />
        <span>{name}</span>
      </a>
      {READABLE.test(path) && (
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{t.media.preview}</summary>
          {text.isLoading && <Progress />}
          {text.error && <Failure error={text.error} retry={() => void text.refetch()} />}
          {text.data !== undefined && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard
            <pre className={s.text} tabIndex={0}>
              {text.data.slice(0, SHOWN)}
              {text.data.length > SHOWN && "…"}
            </pre>
          )}
        </details>
      )}
    </div>
  );
}

/** The run could not keep this file; an event says why. */
function Lost() {
  const t = useText();
  return <p className={s.note}>{t.media.lost}</p>;
}
