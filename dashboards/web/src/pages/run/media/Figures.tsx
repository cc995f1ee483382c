/** Figures of plotly and bokeh, drawn by their own library in a frame that reaches nothing. */

import { useEffect, useRef, useState } from "react";
import { Failure, Progress, statusOf } from "../../../components/states";
import { type Library, toFacts } from "../../../data/figures";
import { type MediaFile, parsed } from "../../../data/media";
import { useText } from "../../../locales/useText";
import { FIGURE_FRAME, useFigureScript, useFileText } from "../../../state/queries";
import { FileCards } from "./Files";
import s from "./media.module.css";

type Props = {
  readonly run: string;
  readonly name: string;
  readonly file: MediaFile;
  readonly library: Library;
  readonly big: boolean;
};

const NOT_FOUND = 404;
/** Pixels of height that a figure may ask for beside others. */
const [LOW, HIGH] = [160, 640];

export function FigureView({ run, name, file, library, big }: Props) {
  const script = useFigureScript(library);
  const text = useFileText(run, file.path);
  if (file.path === null) return <FileCards run={run} files={[file]} />;
  if (text.error) return <Failure error={text.error} retry={() => void text.refetch()} />;
  if (script.error && statusOf(script.error) !== NOT_FOUND) {
    return <Failure error={script.error} retry={() => void script.refetch()} />;
  }
  if (text.data === undefined || script.isLoading) return <Progress />;
  if (script.data === undefined) {
    return <Undrawn run={run} file={file} library={library} text={text.data} />;
  }
  const drawing = { library, script: script.data, figure: text.data };
  // Another figure gets a frame of its own: what an earlier one left there is gone with it.
  return <Drawing key={file.path} name={name} drawing={drawing} big={big} />;
}

type Message = {
  readonly library: Library;
  readonly script: string;
  /** The figure's JSON. */
  readonly figure: string;
};

type DrawingProps = {
  readonly name: string;
  readonly drawing: Message;
  readonly big: boolean;
};

function Drawing({ name, drawing, big }: DrawingProps) {
  const t = useText().media;
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState<number | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const listen = ({ source, data }: MessageEvent<unknown>): void => {
      // The frame runs what was logged: whatever it says is only a number or a text to show.
      if (source !== frame.current?.contentWindow) return;
      const told = (typeof data === "object" && data !== null ? data : {}) as Record<
        string,
        unknown
      >;
      if (typeof told["failed"] === "string") setFailed(told["failed"]);
      if (typeof told["height"] === "number") setHeight(told["height"]);
    };
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }, []);
  return (
    <figure className={s.frame} data-big={big}>
      {failed !== "" && <p className={s.note}>{t.notDrawn(failed)}</p>}
      <iframe
        ref={frame}
        title={name}
        src={FIGURE_FRAME}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        style={
          big || height === null ? undefined : { height: Math.min(Math.max(height, LOW), HIGH) }
        }
        // An origin that is nobody's has no name to send to; the frame is ours by its source.
        onLoad={() => frame.current?.contentWindow?.postMessage(drawing, "*")}
      />
    </figure>
  );
}

type UndrawnProps = Pick<Props, "run" | "file" | "library"> & { readonly text: string };

function Undrawn({ run, file, library, text }: UndrawnProps) {
  const t = useText().media;
  const { title, parts } = toFacts(library, parsed(text));
  return (
    <>
      <p className={s.note}>
        {t.needsLibrary} <code>pip install {library}</code>
      </p>
      {title !== "" && <h3>{title}</h3>}
      <ul className={s.parts}>
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two parts may have one name
          <li key={index}>{part}</li>
        ))}
      </ul>
      <FileCards run={run} files={[file]} />
    </>
  );
}
