// A site's one colour, made fit: letters on it and words in it are readable in light and dark.

type Rgb = readonly [number, number, number];

const INKS = { white: [255, 255, 255], dark: [30, 35, 44] } as const;
const SURFACES = { light: [255, 255, 255], dark: [23, 25, 29] } as const;
/** WCAG 2.2: text 4.5, edges and shapes 3. */
const TEXT_MIN = 4.5;
const SHAPE_MIN = 3;
const STEP = 0.02;

/** The roles that follow from a site's colour, by their custom properties. */
export function rolesOf(written: string, scheme: "light" | "dark"): Record<string, string> {
  const colour = rgbOf(written);
  if (colour === undefined) return {};
  const surface = SURFACES[scheme];
  const ink = contrast(colour, INKS.white) >= contrast(colour, INKS.dark) ? INKS.white : INKS.dark;
  const fill = until(colour, -STEP, (each) => contrast(each, ink) >= TEXT_MIN);
  const towards = scheme === "light" ? -STEP : STEP;
  const soft = mixed(fill, surface, 0.12);
  const words = until(fill, towards, (each) =>
    [surface, soft].every((under) => contrast(each, under) >= TEXT_MIN),
  );
  const toShade = ink === INKS.white ? -0.05 : 0.05;
  return {
    "--accent": css(fill),
    "--accent-hover": css(lighter(fill, toShade)),
    "--on-accent": css(ink),
    "--accent-text": css(words),
    "--accent-soft": css(soft),
    "--mask-own": css(lighter(fill, toShade * 1.6)),
    "--focus": css(words),
    "--accent-edge": contrast(fill, surface) < SHAPE_MIN ? "var(--line-strong)" : "transparent",
  };
}

/** Reads `#rgb`, `#rrggbb` and what a browser makes of any other colour: `rgb(1 2 3)`. */
export function rgbOf(text: string): Rgb | undefined {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text.trim());
  const hex = short === null ? text.trim() : `#${short.slice(1).map((each) => each + each).join("")}`;
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex);
  if (long !== null) return triple(long.slice(1).map((each) => parseInt(each, 16)));
  const numbers = /^rgba?\(([^)]+)\)$/.exec(hex)?.[1]?.match(/[\d.]+/g);
  return numbers == null ? undefined : triple(numbers.slice(0, 3).map(Number));
}

export function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function triple(values: readonly number[]): Rgb | undefined {
  const [red, green, blue] = values;
  return red === undefined || green === undefined || blue === undefined ? undefined : [red, green, blue];
}

function until(colour: Rgb, step: number, isFit: (colour: Rgb) => boolean): Rgb {
  let made = colour;
  // From the colour itself each time: a small step of its own would be lost in rounding.
  for (let count = 1; count <= 50 && !isFit(made); count += 1) made = lighter(colour, step * count);
  return made;
}

const linear = (value: number): number => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const encoded = (value: number): number => {
  const part = Math.min(1, Math.max(0, value));
  return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
};

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Moves the lightness of OKLCH (its matrices are those of CSS Color 4), with its hue and as much of its chroma as there is room for. */
function lighter(colour: Rgb, by: number): Rgb {
  const [red, green, blue] = colour.map(linear) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const light = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const next = Math.min(1, Math.max(0, light + by));
  const chroma = next === 0 || next === 1 ? 0 : 1;
  const a = chroma * (1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s);
  const b = chroma * (0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s);
  const l3 = (next + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m3 = (next - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s3 = (next - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
    encoded(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
    encoded(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3),
  ];
}

function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2): number => Math.round(one[index] * share + other[index] * (1 - share));
  return [at(0), at(1), at(2)];
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
