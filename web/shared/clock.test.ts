// Holds that clocks follow the server and durations never show more time than there is.
import { expect, it } from "vitest";
import { ago } from "./ago";
import { countdown, elapsed, ServerClock } from "./clock";

it("follows the message that took least on its way, over the last twenty", () => {
  let local = 1_000;
  const clock = new ServerClock(() => local);
  clock.heard(5_900);
  clock.heard(6_000);
  clock.heard(5_500);
  expect(clock.now()).toBe(6_000);

  for (let count = 0; count < 20; count += 1) clock.heard(local + 100);
  local = 2_000;
  expect(clock.now()).toBe(2_100);
});

it("rounds what is left up and what has passed down", () => {
  expect([countdown(1), countdown(0), countdown(-5), countdown(60_000)]).toEqual(["0:01", "0:00", "0:00", "1:00"]);
  expect([elapsed(999), elapsed(65_999), elapsed(3_661_000)]).toEqual(["0:00", "1:05", "1:01:01"]);
});

it("tells how long ago in the words of the locale", () => {
  expect(ago(0, 59_000, "en")).toBe("now");
  expect(ago(0, 130_000, "en")).toBe("2 min");
  expect(ago(0, 7_200_000, "sv")).toBe("2 tim");
  expect(ago(0, 90_000_000, "en")).toMatch(/Jan|Dec/);
});
