// What the widget knows, and how each thing it hears changes that: pure, so that tests can tell.
import type {
  ChatQueued,
  Conversation,
  CustomerEvents,
  Message,
  Session,
} from "../shared/contract";
import type { Status } from "../shared/connection";
import type { Pending } from "../shared/outbox";

/** What is sent: a message, or one that a chat begins with. */
export interface Outgoing {
  /** Absent for a new conversation. */
  readonly conversation?: string;
  readonly text: string;
  /** What a chat begins with beside its text; absent where a chat is going on. */
  readonly start?: Readonly<Record<string, string>>;
}

export interface Place {
  readonly position: number | null;
  readonly waitMs: number | null;
  /** When the estimate was taken over; it changes at most each ten seconds. */
  readonly since: number;
}

export interface Chat {
  readonly id: string;
  readonly subject: string;
  /** Of the contact that is going on; nothing once it has ended. */
  readonly contact: string | undefined;
  readonly state: "closed" | "queued" | "connected";
  readonly isInterrupted: boolean;
  readonly lastAt: number;
  readonly unread: number;
  readonly messages: readonly Message[];
  /** The last page of messages is here. */
  readonly isLoaded: boolean;
  /** There are messages before the first one here. */
  readonly hasEarlier: boolean;
  readonly place: Place | undefined;
  /** Who talks to the customer, the owner first. */
  readonly agents: readonly string[];
  readonly typing: string | undefined;
  /** Somebody was in the chat when, or after, this was written. */
  readonly reached: number;
  /** An agent has read so far. */
  readonly readTo: number;
  readonly end: { readonly by: "agent" | "customer" | "system"; readonly name: string } | undefined;
}

export type View =
  | { readonly at: "list" }
  | { readonly at: "new" }
  | { readonly at: "chat"; readonly conversation: string };

export interface State {
  readonly session: Session | undefined;
  readonly status: Status;
  readonly chats: readonly Chat[];
  readonly pending: readonly Pending<Outgoing>[];
  /** Sent and heard back as a message, though not acknowledged yet. */
  readonly covered: string;
  /** Waits for longer than a moment. */
  readonly late: boolean;
  readonly view: View;
  readonly isOpen: boolean;
  readonly isLarge: boolean;
  readonly hasSound: boolean;
  /** The visitor is asked whether to end the chat they look at. */
  readonly isEnding: boolean;
}

/** What a customer's tab hears; not every server sends all of it. */
export type Told = CustomerEvents & {
  "contact.interrupted": {
    readonly at: number;
    readonly conversation: string;
    readonly contact: string;
    readonly reason: string;
  };
};

type Named<Events> = { [Name in keyof Events]: { readonly on: Name; readonly event: Events[Name] } };
type Followed = Omit<Told, "session" | "server.draining">;
export type Heard = Named<Followed>[keyof Followed];

export type Action =
  | Heard
  | { readonly on: "session"; readonly session: Session }
  | { readonly on: "status"; readonly status: Status }
  | { readonly on: "pending"; readonly pending: readonly Pending<Outgoing>[] }
  | { readonly on: "late"; readonly late: boolean }
  | {
      readonly on: "history";
      readonly conversation: string;
      readonly messages: readonly Message[];
      readonly page: "last" | "before" | "after" | "preview";
      readonly more: boolean;
    }
  | { readonly on: "started"; readonly conversation: string; readonly contact: string }
  | { readonly on: "faded"; readonly conversation: string }
  | { readonly on: "view"; readonly view: View }
  | { readonly on: "shown"; readonly isOpen: boolean }
  | { readonly on: "large"; readonly isLarge: boolean }
  | { readonly on: "sound"; readonly hasSound: boolean }
  | { readonly on: "ending"; readonly isEnding: boolean }
  | { readonly on: "forget" };

export const NOTHING: State = {
  session: undefined,
  status: { standing: "connecting", shown: "quiet" },
  chats: [],
  pending: [],
  covered: "",
  late: false,
  view: { at: "new" },
  isOpen: false,
  isLarge: false,
  hasSound: false,
  isEnding: false,
};

const ESTIMATE_MS = 10_000;

/** The state after something happened; the same object when nothing changed. */
export function after(state: State, action: Action): State {
  switch (action.on) {
    case "session":
      return withSession(state, action.session);
    case "status":
      return { ...state, status: action.status };
    case "pending":
      return { ...state, pending: action.pending };
    case "late":
      return { ...state, late: action.late };
    case "view":
      return { ...state, view: action.view, isEnding: false };
    case "shown":
      return { ...state, isOpen: action.isOpen };
    case "large":
      return { ...state, isLarge: action.isLarge };
    case "ending":
      return { ...state, isEnding: action.isEnding };
    case "sound":
      return { ...state, hasSound: action.hasSound };
    case "forget":
      return { ...NOTHING, isOpen: state.isOpen, isLarge: state.isLarge, hasSound: state.hasSound };
    case "started":
      return inChat(state, action.conversation, (chat) => ({
        ...chat,
        contact: action.contact,
        state: chat.state === "connected" ? "connected" : "queued",
        end: undefined,
      }));
    case "history":
      return inChat(state, action.conversation, (chat) => withHistory(chat, action));
    case "faded":
      return inChat(state, action.conversation, (chat) => ({ ...chat, typing: undefined }));
    case "message":
      return heardMessage(state, action.event);
    default:
      return inChat(state, action.event.conversation, (chat) => heard(chat, action));
  }
}

/** What the launcher counts. */
export function unreadOf(state: State): number {
  return state.chats.reduce((sum, chat) => sum + chat.unread, 0);
}

export function chatOf(state: State, conversation: string): Chat | undefined {
  return state.chats.find((chat) => chat.id === conversation);
}

export function liveChat(state: State): Chat | undefined {
  return state.chats.find((chat) => chat.contact !== undefined);
}

/** Where somebody finds themselves on opening: where they talk, else their chats, else a new one. */
export function landing(state: State): View {
  const live = liveChat(state);
  if (live !== undefined) return { at: "chat", conversation: live.id };
  return state.chats.length > 0 ? { at: "list" } : { at: "new" };
}

function withSession(state: State, session: Session): State {
  const chats = session.conversations
    .filter((conversation) => conversation.kind === "customer")
    .map((conversation) => joined(conversation, chatOf(state, conversation.id)))
    .sort(latestFirst);
  const isLost = state.view.at === "chat" && !chats.some((chat) => chat.id === viewed(state.view));
  const next = { ...state, session, chats };
  return isLost || state.session === undefined ? { ...next, view: landing(next) } : next;
}

function viewed(view: View): string {
  return view.at === "chat" ? view.conversation : "";
}

/** What the server says of a conversation, over what this tab has of it already. */
function joined(told: Conversation, known: Chat | undefined): Chat {
  const base = known ?? emptyChat(told.id);
  const isSame = told.contact?.id === base.contact;
  return {
    ...base,
    subject: told.subject ?? "",
    contact: told.contact?.id,
    state: stateOf(told.contact?.state),
    lastAt: told.last_at,
    unread: told.unread,
    // Whatever was missed is asked for after the last one here.
    isLoaded: base.isLoaded,
    place: isSame ? base.place : undefined,
    agents: isSame ? base.agents : agentsIn(base.messages, told.contact?.id),
    typing: undefined,
    isInterrupted: isSame && base.isInterrupted,
  };
}

function emptyChat(id: string): Chat {
  return {
    id,
    subject: "",
    contact: undefined,
    state: "closed",
    isInterrupted: false,
    lastAt: 0,
    unread: 0,
    messages: [],
    isLoaded: false,
    hasEarlier: false,
    place: undefined,
    agents: [],
    typing: undefined,
    reached: 0,
    readTo: 0,
    end: undefined,
  };
}

function stateOf(contact: string | undefined): Chat["state"] {
  if (contact === undefined) return "closed";
  return contact === "connected" ? "connected" : "queued";
}

function heardMessage(state: State, message: Message): State {
  const next = inChat(state, message.conversation, (chat) => {
    const isOthers = message.author.role === "agent" || message.author.role === "bot";
    const messages = merged(chat.messages, [message]);
    const agents = agentsAfter(chat.agents, message);
    return {
      ...chat,
      messages,
      // A message that opened the conversation is all there is of it.
      isLoaded: chat.isLoaded || message.seq === 1,
      lastAt: Math.max(chat.lastAt, message.at),
      unread: chat.unread + (isOthers && messages !== chat.messages ? 1 : 0),
      typing: isOthers ? undefined : chat.typing,
      agents,
      reached: agents.length > 0 ? message.seq : chat.reached,
    };
  });
  const first = state.pending.find((each) => each.state === "waiting");
  const isOwn = message.author.role === "customer" && first !== undefined;
  const isThere = (first?.payload.conversation ?? message.conversation) === message.conversation;
  return isOwn && isThere ? { ...next, covered: first.id } : next;
}

type InChat = Exclude<Heard, { on: "message" }>;

function heard(chat: Chat, action: InChat): Chat {
  switch (action.on) {
    case "chat.queued":
      return {
        ...chat,
        contact: action.event.contact,
        state: "queued",
        place: placeAfter(chat.place, action.event),
        end: undefined,
      };
    case "contact.assigned":
      return { ...chat, contact: action.event.contact, state: "connected", place: undefined };
    case "message.redacted":
      return { ...chat, messages: redacted(chat.messages, action.event) };
    case "message.read":
      return action.event.role === "agent"
        ? { ...chat, readTo: Math.max(chat.readTo, action.event.seq) }
        : { ...chat, unread: unreadAfter(chat.messages, action.event.seq, chat.unread) };
    case "typing":
      return { ...chat, typing: action.event.on ? action.event.name : undefined };
    case "contact.interrupted":
      return { ...chat, isInterrupted: true, typing: undefined };
    case "contact.ended":
      return {
        ...chat,
        contact: undefined,
        state: "closed",
        isInterrupted: false,
        place: undefined,
        typing: undefined,
        end: { by: action.event.ended_by, name: chat.agents[0] ?? "" },
        agents: [],
      };
    case "participant.joined":
    case "participant.left":
      return { ...chat, typing: undefined }; // who talks is read from the notices
  }
}

function placeAfter(place: Place | undefined, event: ChatQueued): Place {
  const { position, estimated_wait_ms: waitMs, at } = event;
  const isFresh = place === undefined || at - place.since >= ESTIMATE_MS;
  return isFresh ? { position, waitMs, since: at } : { ...place, position };
}

function redacted(
  messages: readonly Message[],
  event: Told["message.redacted"],
): readonly Message[] {
  return messages.map((message) => {
    if (message.seq !== event.seq) return message;
    const { masked_spans: _, ...rest } = message;
    const { text, masked, masked_spans: spans } = event;
    return { ...rest, text, masked, ...(spans === undefined ? {} : { masked_spans: spans }) };
  });
}

function unreadAfter(messages: readonly Message[], seq: number, before: number): number {
  const left = messages.filter(
    (each) => each.seq > seq && (each.author.role === "agent" || each.author.role === "bot"),
  ).length;
  return Math.min(before, left);
}

function withHistory(chat: Chat, action: Extract<Action, { on: "history" }>): Chat {
  const messages = merged(chat.messages, action.messages);
  const isPage = action.page === "last";
  const agents = agentsIn(messages, chat.contact);
  return {
    ...chat,
    messages,
    isLoaded: chat.isLoaded || isPage,
    hasEarlier: isPage || action.page === "before" ? action.more : chat.hasEarlier,
    agents,
    isInterrupted: chat.isInterrupted || messages.some((each) => stops(each, chat)),
    reached: agents.length > 0 ? (messages.at(-1)?.seq ?? 0) : chat.reached,
  };
}

/** Whether a notice says that a contact may only be ended; whoever reloads has no other word of it. */
function stops({ contact, event }: Message, chat: Chat): boolean {
  return contact === chat.contact && event === "contact.interrupted";
}

/** Both lists by `seq`, each message once; what came last wins. The same list when nothing is new. */
export function merged(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const fresh = more.filter((each) => known.find((one) => one.seq === each.seq)?.text !== each.text);
  if (fresh.length === 0) return known;
  const seqs = new Set(fresh.map((each) => each.seq));
  return [...known.filter((each) => !seqs.has(each.seq)), ...fresh].sort((a, b) => a.seq - b.seq);
}

/** The first `seq` that is missing between two messages here; nothing when none is. */
export function gapIn(messages: readonly Message[]): number | undefined {
  return messages.find((each, index) => {
    const next = messages[index + 1];
    return next !== undefined && next.seq !== each.seq + 1;
  })?.seq;
}

function agentsIn(messages: readonly Message[], contact: string | undefined): readonly string[] {
  if (contact === undefined) return [];
  const none: readonly string[] = [];
  return messages.filter((each) => each.contact === contact).reduce(agentsAfter, none);
}

/** Who talks after a notice, the owner first: notices are the same for whoever comes later. */
function agentsAfter(agents: readonly string[], message: Message): readonly string[] {
  const name = message.author.name;
  switch (message.author.role === "system" ? message.event : undefined) {
    case "contact.assigned":
      return name === undefined ? agents : [name, ...agents.filter((each) => each !== name)];
    case "participant.joined":
      return name === undefined || agents.includes(name) ? agents : [...agents, name];
    case "participant.left":
      return agents.filter((each) => each !== name);
    case "contact.transferred":
      return agents.slice(1);
    case "contact.ended":
      return [];
    default:
      return agents;
  }
}

function inChat(state: State, id: string, change: (chat: Chat) => Chat): State {
  const known = chatOf(state, id);
  const changed = change(known ?? emptyChat(id));
  const others = state.chats.filter((chat) => chat.id !== id);
  return { ...state, chats: [changed, ...others].sort(latestFirst) };
}

/** The one that is going on, then by the time of the last message. */
function latestFirst(one: Chat, other: Chat): number {
  const live = Number(other.contact !== undefined) - Number(one.contact !== undefined);
  return live !== 0 ? live : other.lastAt - one.lastAt;
}
