// The lines of a conversation as they are shown: who is beside whom, where a receipt stands.
import type { Message } from "../shared/contract";
import { initialsOf } from "../shared/text";
import type { Chat } from "./model";

/** Messages of one author within this time are one group. */
const GROUP_MS = 120_000;

export type Receipt = "sent" | "delivered" | "read";

export type Row =
  | { readonly kind: "notice"; readonly message: Message }
  | {
      readonly kind: "message";
      readonly message: Message;
      readonly side: "mine" | "theirs";
      readonly isAutomatic: boolean;
      readonly isFirst: boolean;
      readonly isLast: boolean;
      /** Of whom it is, where that changes. */
      readonly name: string;
      readonly initials: string;
      /** Under the last own message only. */
      readonly receipt: Receipt | undefined;
    };

/** Notices about the customer are for agents. */
const NOT_FOR_CUSTOMERS = new Set(["customer.left", "customer.returned"]);

export function rowsOf(chat: Pick<Chat, "messages" | "reached" | "readTo">): Row[] {
  const messages = chat.messages.filter(({ event }) => !NOT_FOR_CUSTOMERS.has(event ?? ""));
  const lastOwn = messages.findLast((each) => each.author.role === "customer");
  let spoke = "";
  return messages.map((message, index): Row => {
    const { role, name = "" } = message.author;
    if (role === "system") {
      if (message.event === "contact.assigned") spoke = name; // whoever joined needs no second mention
      return { kind: "notice", message };
    }
    const before = messages[index - 1];
    const next = messages[index + 1];
    const isMine = role === "customer";
    const isFirst = before === undefined || !isTogether(before, message);
    const isNamed = !isMine && isFirst && name !== spoke;
    if (!isMine) spoke = name;
    return {
      kind: "message",
      message,
      side: isMine ? "mine" : "theirs",
      isAutomatic: role === "bot",
      isFirst,
      isLast: next === undefined || !isTogether(message, next),
      name: isNamed ? name : "",
      initials: initialsOf(name),
      receipt: message === lastOwn ? receiptOf(message, chat) : undefined,
    };
  });
}

function isTogether(one: Message, next: Message): boolean {
  return (
    one.author.role === next.author.role &&
    one.author.name === next.author.name &&
    next.at - one.at <= GROUP_MS
  );
}

/** Delivered is what has reached a desk: somebody was there. Reading is told by the server. */
function receiptOf({ seq }: Message, chat: Pick<Chat, "reached" | "readTo">): Receipt {
  if (seq <= chat.readTo) return "read";
  return seq <= chat.reached ? "delivered" : "sent";
}
