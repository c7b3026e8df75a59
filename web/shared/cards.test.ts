// Holds that a card is noticed before it is sent, however it is spaced, and an order number is not.
import { expect, it } from "vitest";
import { cardNumbers, withStars } from "./cards";

it.each([
  "4111111111111111",
  "4111 1111 1111 1111",
  "4111-1111-1111-1111",
  "3782 822463 10005",
  "\u0664\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661 \u0661\u0661\u0661\u0661",
])("notices %s", (card) => {
  expect(cardNumbers(`my card ${card}, thanks`)).toEqual([{ start: 8, end: 8 + card.length }]);
});

it.each(["4111111111111112", "0000 0000 0000 0000", "call 070 123 45 67", "2026-11-22 14:02"])(
  "leaves %s alone",
  (text) => {
    expect(cardNumbers(text)).toEqual([]);
  },
);

it("offers stars and the last four, as the server writes them", () => {
  expect(withStars("It is 4111 1111 1111 1111.")).toBe("It is ************1111.");
});
