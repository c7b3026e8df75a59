// Holds that nothing which needs a mask reaches the storage of a browser.
import { expect, it } from "vitest";
import { Drafts, mayBeStored } from "./drafts";

it.each(["0701234", "4111 1111 1111 1111", "a@b.example", " 123 ", "\u0664\u0661\u0661\u0661\u0661\u0661\u0661"])(
  "keeps %s out of storage",
  (text) => {
    expect(mayBeStored(text)).toBe(false);
  },
);

it.each(["hello", "order 123456", "at 14:02"])("may store %s", (text) => {
  expect(mayBeStored(text)).toBe(true);
});

function fakeStorage(): Storage {
  const kept: Record<string, string> = {};
  return Object.defineProperties(kept, {
    getItem: { value: (key: string) => kept[key] ?? null },
    setItem: { value: (key: string, value: string) => void (kept[key] = value) },
    removeItem: { value: (key: string) => void delete kept[key] },
  }) as unknown as Storage;
}

it("comes back after a reload, and forgets a version that was stored once it must not be", () => {
  const storage = fakeStorage();
  const drafts = new Drafts("d:", storage);
  drafts.set("chat", "my card is");
  expect(new Drafts("d:", storage).get("chat")).toBe("my card is");

  drafts.set("chat", "my card is 4111 1111 1111 1111");
  expect(Object.keys(storage)).toEqual([]);
  expect(drafts.get("chat")).toContain("4111");
});

it("leaves others' keys when it forgets all", () => {
  const storage = fakeStorage();
  storage.setItem("theirs", "x");
  const drafts = new Drafts("d:", storage);
  drafts.set("chat", "hi");
  drafts.clear();

  expect(Object.keys(storage)).toEqual(["theirs"]);
  expect(drafts.get("chat")).toBe("");
});
