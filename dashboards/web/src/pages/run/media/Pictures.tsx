/** Pictures side by side, with boxes and masks over them that can be hidden one by one. */

import { useEffect, useMemo, useRef } from "react";
import { useLook } from "../../../components/ChartTheme";
import { layerName, showsClass } from "../../../data/layers";
import { type Layer, type Picture, paintMask, toBoxes } from "../../../data/media";
import { inkOn, LINES, rgbOf } from "../../../data/palette";
import { useText } from "../../../locales/useText";
import { fileUrl, useFilesJson } from "../../../state/queries";
import { toggled } from "../../../state/views";
import s from "./media.module.css";

type Props = {
  readonly run: string;
  readonly name: string;
  readonly pictures: readonly Picture[];
  readonly off: readonly string[];
  readonly onOff: (off: readonly string[]) => void;
  readonly big: boolean;
};

/** Alpha of a mask over its picture, of 255. */
const MASK_ALPHA = 120;

function useClassColour(): (id: number) => string {
  const { palette, ground } = useLook();
  const colours = LINES[palette][ground];
  return (id) => colours[Math.max(id, 0) % colours.length] ?? "#888888";
}

export function Pictures({ run, name, pictures, off, onOff, big }: Props) {
  return (
    <>
      <Layers name={name} pictures={pictures} off={off} onOff={onOff} />
      <div className={s.pictures} data-many={pictures.length > 1} data-big={big}>
        {pictures.map((picture, index) => (
          <PictureFrame
            // biome-ignore lint/suspicious/noArrayIndexKey: equal pictures may stand twice
            key={index}
            run={run}
            name={name}
            picture={picture}
            off={off}
          />
        ))}
      </div>
    </>
  );
}

type LayersProps = Pick<Props, "name" | "pictures" | "off" | "onOff">;

/** The layers of all these pictures by name, each with the classes that it has anywhere. */
function gather(pictures: readonly Picture[]): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const all = new Map<string, Map<number, string>>();
  for (const { boxes, masks } of pictures) {
    for (const { name, classes } of [...boxes, ...masks]) {
      const known = all.get(name) ?? new Map<number, string>();
      for (const [id, text] of classes) known.set(id, text);
      all.set(name, known);
    }
  }
  return all;
}

function Layers({ name, pictures, off, onOff }: LayersProps) {
  const t = useText().media;
  const colour = useClassColour();
  const layers = useMemo(() => gather(pictures), [pictures]);
  if (layers.size === 0) return null;
  const toggle = (one: string): void => onOff(toggled(off, one));
  return (
    <div className={s.layers}>
      {[...layers].map(([layer, classes]) => (
        <fieldset key={layer} className={s.layer}>
          <legend className="visuallyHidden">{t.layer(layer)}</legend>
          <button
            type="button"
            className={s.chip}
            aria-pressed={!off.includes(layerName(name, layer))}
            onClick={() => toggle(layerName(name, layer))}
          >
            {layer}
          </button>
          {[...classes].map(([id, text]) => (
            <button
              key={id}
              type="button"
              className={s.chip}
              disabled={off.includes(layerName(name, layer))}
              aria-pressed={showsClass(off, name, layer, id)}
              onClick={() => toggle(layerName(name, layer, id))}
            >
              <span className={s.swatch} style={{ background: colour(id) }} />
              {text}
            </button>
          ))}
        </fieldset>
      ))}
    </div>
  );
}

type FrameProps = Pick<Props, "run" | "name" | "off"> & { readonly picture: Picture };

function PictureFrame({ run, name, picture, off }: FrameProps) {
  const t = useText().media;
  const { path, caption, width, height, boxes, masks } = picture;
  if (path === null) return <p className={s.note}>{t.lost}</p>;
  return (
    <figure className={s.picture}>
      <div className={s.canvas} style={width > 0 ? { aspectRatio: `${width} / ${height}` } : {}}>
        <img
          src={fileUrl(run, path)}
          alt={caption || name}
          loading="lazy"
          decoding="async"
          data-small={width > 0 && width <= 256}
        />
        {masks.map((layer) => (
          <Mask key={layer.name} run={run} name={name} layer={layer} off={off} />
        ))}
        {boxes.map((layer) => (
          <Boxes key={layer.name} run={run} name={name} layer={layer} picture={picture} off={off} />
        ))}
      </div>
      {caption !== "" && <figcaption title={caption}>{caption}</figcaption>}
    </figure>
  );
}

type LayerProps = Pick<Props, "run" | "name" | "off"> & { readonly layer: Layer };

function Mask({ run, name, layer, off }: LayerProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colour = useClassColour();
  const paint = useRef(colour);
  paint.current = colour;
  const { palette, ground } = useLook();
  const hidden = off.join("\0");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the palette decides what is painted
  useEffect(() => {
    const image = new Image();
    image.onload = () => {
      const place = canvas.current;
      const context = place?.getContext("2d", { willReadFrequently: true });
      if (!place || !context) return;
      place.width = image.naturalWidth;
      place.height = image.naturalHeight;
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, place.width, place.height);
      const shown = hidden === "" ? [] : hidden.split("\0");
      paintMask(
        pixels.data,
        (id) => {
          const named = layer.classes.size === 0 || layer.classes.has(id);
          return named && showsClass(shown, name, layer.name, id) ? rgbOf(paint.current(id)) : null;
        },
        MASK_ALPHA,
      );
      context.putImageData(pixels, 0, 0);
    };
    image.src = fileUrl(run, layer.path);
    return () => {
      image.onload = null;
    };
  }, [run, layer, name, hidden, palette, ground]);
  return <canvas ref={canvas} className={s.mask} />;
}

function Boxes({ run, name, layer, off, picture }: LayerProps & { readonly picture: Picture }) {
  const colour = useClassColour();
  const file = useFilesJson(run, [layer.path]);
  const boxes = useMemo(() => toBoxes(file.data?.[0], layer, picture), [file.data, layer, picture]);
  const share = (value: number): string => `${value * 100}%`;
  return boxes
    .filter(({ id }) => showsClass(off, name, layer.name, id))
    .map((box, index) => (
      <div
        // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no names
        key={index}
        className={s.box}
        data-right={box.left + box.width / 2 > 0.6}
        data-top={box.top < 0.07}
        style={{
          left: share(box.left),
          top: share(box.top),
          width: share(box.width),
          height: share(box.height),
          borderColor: colour(box.id),
        }}
      >
        {box.text !== "" && (
          <span style={{ background: colour(box.id), color: inkOn(colour(box.id)) }}>
            {box.text}
          </span>
        )}
      </div>
    ));
}
