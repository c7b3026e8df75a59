// Holds that a site's colour never makes words unreadable.
import { expect, it } from "vitest";
import { contrast, rgbOf, rolesOf } from "./accent";

const at = (roles: Record<string, string>, name: string): [number, number, number] =>
  [...(rgbOf((roles[name] ?? "").replaceAll(" ", ",")) ?? [0, 0, 0])] as [number, number, number];

it.each(["#ffd400", "#fff", "#000", "#305dbc", "#ff0000", "rgb(120, 200, 80)", "#777"])(
  "makes of %s letters, words and edges that can be read in both schemes",
  (colour) => {
    for (const [scheme, surface] of [
      ["light", [255, 255, 255]],
      ["dark", [23, 25, 29]],
    ] as const) {
      const roles = rolesOf(colour, scheme);

      expect(contrast(at(roles, "--accent"), at(roles, "--on-accent"))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(at(roles, "--accent-text"), surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(at(roles, "--accent-text"), at(roles, "--accent-soft"))).toBeGreaterThanOrEqual(4.5);
      const isFaint = contrast(at(roles, "--accent"), surface) < 3;
      expect(roles["--accent-edge"]).toBe(isFaint ? "var(--line-strong)" : "transparent");
    }
  },
);

it.each(["", "red; background: url(x)", "url(x)", "#12"])("makes nothing of %s", (colour) => {
  expect(rolesOf(colour, "light")).toEqual({});
});
