// What Frontdesk 0.1.0 speaks over Socket.IO; made by `frontdesk schema --format typescript`.
//
// A socket of a namespace is a `Socket<ServerEvents, ClientEvents>` of socket.io-client:
//
//     const socket: Socket<CustomerServerEvents, CustomerClientEvents> = io(url + "/customer")

/** An agent as itself, its colleagues and supervisors see it. */
export interface Agent {
  id: string;
  name: string;
  state: "available" | "idle" | "offline" | "rona";
  idle_code?: string;
  /** When the state was set. */
  since: number;
  /** A desktop is open now. */
  connected: boolean;
  /** Legs not done and pending offers. */
  load: number;
  capacity: number;
  queues: Array<string>;
  /** Level by skill. */
  skills: Record<string, number>;
}

/** The `auth` object of `/agent`. */
export interface AgentAuth {
  token?: string | null;
}

/** The longest texts and notes, in code points. */
export interface AgentLimits {
  text: number;
  note: number;
}

/** The message as it now stands; a note is in a conversation of its own. */
export interface AgentMessageSent {
  ok: true;
  seq: number;
  at: number;
  text: string;
  masked: Array<string>;
  conversation: string;
}

/** An agent as customers know it. */
export interface AgentName {
  name: string;
}

/** To whom; those who can take an offer now first, then by name. */
export interface AgentsListed {
  ok: true;
  agents: Array<Agent>;
}

/** The command was done. */
export interface Answer {
  ok: true;
}

/** The agent who asked for a transfer or conference. */
export interface Asker {
  agent: string;
  name: string;
}

/** Who wrote a message; customers see no agent's `id`. */
export interface Author {
  role: "agent" | "bot" | "customer" | "system";
  id?: string;
  name?: string;
}

/** The contact begins to wait, or its place in the line changed. */
export interface ChatQueued {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  contact: string;
  /** From 1; null once it is offered. */
  position: number | null;
  /** Null while there is too little to go by. */
  estimated_wait_ms: number | null;
}

/** A contact was started. */
export interface ChatStarted {
  ok: true;
  conversation: string;
  contact: string;
  state: "closed" | "connected" | "offered" | "queued" | "wrapup";
  /** From 1; null once it is offered. */
  position: number | null;
  /** Null while there is too little to go by. */
  estimated_wait_ms: number | null;
}

/** This socket may not stay; it is disconnected right behind this. */
export interface ConnectionClosed {
  /** When, on the server's clock. */
  at: number;
  code: RefusalCode;
  message: string;
  retryable: boolean;
}

/** One chat from its start to the last filed code, as one agent sees it. */
export interface Contact {
  id: string;
  conversation: string;
  /** The conversation of its notes, from the first note on. */
  internal?: string;
  channel: "chat";
  origin: "customer" | "proactive";
  entry_point: string;
  queue: string;
  /** `connected` while an agent talks to the customer, `wrapup` when nobody does and a code is owed. */
  state: "closed" | "connected" | "offered" | "queued" | "wrapup";
  customer: Customer;
  subject?: string;
  /** What the site said of the chat; masked. */
  attributes: Record<string, string | number | boolean | null>;
  context: ContactContext;
  /** Of entry point, queue and identity together. */
  priority: number;
  owner: string | null;
  /** Who talks, in the order they joined. */
  participants: Array<Participant>;
  pending_offers: Array<PendingOffer>;
  created_at: number;
  /** The latest time it began to wait. */
  queued_at: number;
  /** The first time. */
  connected_at?: number;
  ended_at?: number;
  ended_by?: "agent" | "customer" | "system";
  /** With `ended_at` and `ended_by` once it ended. */
  end_reason?: string;
  /** Always false in this version. */
  interrupted: boolean;
  /** Always false in this version. */
  answer_due: boolean;
  /** In the order they joined. */
  legs: Array<Leg>;
  /** Of its conversation, for who is asking. */
  unread: number;
  /** Of its conversation. */
  last_seq: number;
}

/** The agent is in the contact now, as owner or member. */
export interface ContactAssigned {
  /** When, on the server's clock. */
  at: number;
  contact: Contact;
  /** The last 50, notes among them by time. */
  messages: Array<Message>;
}

/** Where on the site a chat was started; masked. */
export interface ContactContext {
  page_url?: string;
  referrer?: string;
  locale?: string;
}

/** The chat is over. */
export interface ContactEnded {
  /** When, on the server's clock. */
  at: number;
  contact: string;
  ended_by: "agent" | "customer" | "system";
  reason: string;
}

/** The contact that goes on in a conversation. */
export interface ContactStanding {
  id: string;
  state: "closed" | "connected" | "offered" | "queued" | "wrapup";
}

/** Anything of a contact but `unread` and `last_seq` changed. */
export interface ContactUpdated {
  /** When, on the server's clock. */
  at: number;
  contact: Contact;
}

/** A contact of a snapshot. */
export interface ContactWithMessages {
  id: string;
  conversation: string;
  /** The conversation of its notes, from the first note on. */
  internal?: string;
  channel: "chat";
  origin: "customer" | "proactive";
  entry_point: string;
  queue: string;
  /** `connected` while an agent talks to the customer, `wrapup` when nobody does and a code is owed. */
  state: "closed" | "connected" | "offered" | "queued" | "wrapup";
  customer: Customer;
  subject?: string;
  /** What the site said of the chat; masked. */
  attributes: Record<string, string | number | boolean | null>;
  context: ContactContext;
  /** Of entry point, queue and identity together. */
  priority: number;
  owner: string | null;
  /** Who talks, in the order they joined. */
  participants: Array<Participant>;
  pending_offers: Array<PendingOffer>;
  created_at: number;
  /** The latest time it began to wait. */
  queued_at: number;
  /** The first time. */
  connected_at?: number;
  ended_at?: number;
  ended_by?: "agent" | "customer" | "system";
  /** With `ended_at` and `ended_by` once it ended. */
  end_reason?: string;
  /** Always false in this version. */
  interrupted: boolean;
  /** Always false in this version. */
  answer_due: boolean;
  /** In the order they joined. */
  legs: Array<Leg>;
  /** Of its conversation, for who is asking. */
  unread: number;
  /** Of its conversation. */
  last_seq: number;
  /** The last 50, notes among them by time. */
  messages: Array<Message>;
}

/** This agent's closed contacts, the latest end first. */
export interface ContactsListed {
  ok: true;
  contacts: Array<Contact>;
}

/** Where on the site a chat is started. */
export interface Context {
  page_url?: string;
  referrer?: string;
  locale?: string;
}

/** What is said between customers and agents, or among agents, over all contacts in it. */
export interface Conversation {
  id: string;
  kind: "customer" | "internal";
  /** `open` while its latest contact is queued, offered or connected. */
  state: "closed" | "open";
  subject?: string;
  customers: Array<string>;
  /** Agents with a leg in it, the latest last; empty for customers. */
  followers: Array<string>;
  /** `seq` of its last message; 0 before the first. */
  last_seq: number;
  /** When it was written; 0 before the first. */
  last_at: number;
  /** For who is asking: messages of others, without notices and notes. */
  unread: number;
  /** Its latest contact, while the conversation is open. */
  contact?: ContactStanding;
}

/** The customer of a contact; every text is masked. */
export interface Customer {
  id: string;
  external_id?: string;
  name?: string;
  email?: string;
  phone?: string;
  /** A signed identity said so. */
  verified: boolean;
  /** A tab is open now. */
  connected: boolean;
}

/** The `auth` object of `/customer`; what a client does not have it may send as null. */
export interface CustomerAuth {
  entry_point: string;
  token?: string | null;
  identity?: string | null;
}

/** An agent is the owner now. */
export interface CustomerContactAssigned {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  contact: string;
  agent: AgentName;
}

/** The chat is over; writing again starts another contact. */
export interface CustomerContactEnded {
  /** When, on the server's clock. */
  at: number;
  contact: string;
  ended_by: "agent" | "customer" | "system";
  reason: string;
  conversation: string;
}

/** The longest texts, in code points. */
export interface CustomerLimits {
  text: number;
}

/** An agent, or the customer in any tab, has read up to `seq`. */
export interface CustomerMessageRead {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  role: "agent" | "customer";
  seq: number;
}

/** A message is shown otherwise from now on: a value was found that goes on in another one. */
export interface CustomerMessageRedacted {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  seq: number;
  text: string;
  masked: Array<string>;
  masked_spans?: Array<[string, number, number]>;
}

/** An agent came by conference, or went while the chat goes on. */
export interface CustomerParticipant {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  name: string;
}

/** An agent types or stopped. */
export interface CustomerTyping {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  name: string;
  on: boolean;
}

/** Where a contact is transferred: exactly one of the two. */
export interface Destination {
  queue?: string;
  agent?: string;
}

/** `chat.end`. */
export interface EndChat {
  id?: string;
  conversation: string;
}

/** A place on a site where chats start, as its customers see it. */
export interface EntryPoint {
  id: string;
  name: string;
  greeting?: string;
  /** False for one that was removed. */
  open: boolean;
  /** What is asked before a chat. */
  pre_chat: Array<"email" | "name" | "phone" | "subject">;
}

/** `contact.wrapup`. */
export interface FileWrapup {
  id?: string;
  contact: string;
  code: string;
  note?: string;
}

/** Messages of a conversation. */
export interface History {
  conversation: string;
  after?: number;
  before?: number;
  limit?: number;
}

/** Messages of a conversation, in order of `seq`. */
export interface HistoryRead {
  ok: true;
  messages: Array<Message>;
  /** There are further ones in the direction asked. */
  more: boolean;
}

/** Who the customer turned out to be. */
export interface Identified {
  ok: true;
  customer: string;
  /** To be kept, in place of an older one. */
  token: string;
}

/** `customer.identify`. */
export interface Identify {
  identity: string;
}

/** `conference.leave` and `contact.end`. */
export interface LeaveContact {
  id?: string;
  contact: string;
  wrapup?: Wrapup;
}

/** One agent's part in a contact, from joining to the filed code. */
export interface Leg {
  agent: string;
  state: "active" | "done" | "wrapup";
  /** When the default code is filed. */
  deadline_at: number | null;
  wrapup?: LegWrapup;
}

/** The code a leg was filed under. */
export interface LegWrapup {
  code: string;
  note?: string;
  at: number;
}

/** One line of a conversation; as an event, it was written now. */
export interface Message {
  conversation: string;
  /** During which contact it was written. */
  contact: string;
  /** 1, 2, 3 … without a gap, the same for all who may read the conversation. */
  seq: number;
  id: string;
  at: number;
  author: Author;
  audience: "everyone" | "internal";
  /** Masked. */
  text: string;
  /** The kinds of values found in it. */
  masked: Array<string>;
  /** Always empty in this version. */
  attachments: [];
  /** `[kind, start, end]`, end exclusive, in code points of `text`. */
  masked_spans?: Array<[string, number, number]>;
  /** What a notice tells of. */
  event?: string;
}

/** The customer, or an agent, has read up to `seq`. */
export interface MessageRead {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  role: "agent" | "customer";
  seq: number;
  contact: string;
  /** Who, when it is an agent. */
  agent?: string;
}

/** A message is shown otherwise from now on. */
export interface MessageRedacted {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  seq: number;
  text: string;
  masked: Array<string>;
  masked_spans?: Array<[string, number, number]>;
  contact: string;
}

/** The message as it now stands. */
export interface MessageSent {
  ok: true;
  seq: number;
  at: number;
  text: string;
  masked: Array<string>;
}

/** `contact.conference` and `conference.remove`. */
export interface NameAgent {
  id?: string;
  contact: string;
  agent: string;
}

/** `offer.accept`, `offer.decline` and `offer.cancel`. */
export interface NameOffer {
  id?: string;
  offer: string;
}

/** Something configured and what people call it. */
export interface Named {
  id: string;
  name: string;
}

/** A contact offered to one agent. */
export interface Offer {
  /** What an answer names. */
  id: string;
  kind: "conference" | "contact" | "transfer";
  contact: Contact;
  queue: Named;
  agent: Named;
  from?: Asker;
  /** What decided comes first. */
  why: Array<Why>;
  /** At most 5 messages of this contact, without notes. */
  preview: Array<Message>;
  offered_at: number;
  /** Answering then is too late. */
  expires_at: number;
  /** The server's clock, to count down by. */
  server_now: number;
}

/** The contact is the agent's now. */
export interface OfferAccepted {
  ok: true;
  contact: Contact;
  /** The last 50, notes among them by time. */
  messages: Array<Message>;
}

/** Another agent is asked. */
export interface OfferAsked {
  ok: true;
  offer: string;
}

/** An offer is no longer open. */
export interface OfferClosed {
  /** When, on the server's clock. */
  at: number;
  offer: string;
  contact: string;
  outcome: "accepted" | "canceled" | "declined" | "rescinded" | "rona";
  /** Why it was rescinded. */
  reason?: "connection_lost" | "customer_left" | "ended" | "owner_changed" | "removed" | "state_changed";
  /** Which desktop of the agent answered it. */
  desktop?: "other" | "this";
}

/** A contact is offered; again under the same id when the deadline moved. */
export interface OfferCreated {
  /** When, on the server's clock. */
  at: number;
  offer: Offer;
}

/** An agent who talks to the customer. */
export interface Participant {
  agent: string;
  name: string;
  role: "member" | "owner";
  joined_at: number;
}

/** An agent came or went. */
export interface ParticipantChanged {
  /** When, on the server's clock. */
  at: number;
  contact: string;
  agent: string;
  name: string;
}

/** An open offer of a contact, without the contact. */
export interface PendingOffer {
  id: string;
  kind: "conference" | "contact" | "transfer";
  agent: Named;
  from?: Asker;
  offered_at: number;
  expires_at: number;
}

/** The agent's state was set, its first desktop came, or its last one went. */
export interface PresenceChanged {
  /** When, on the server's clock. */
  at: number;
  agent: Agent;
  cause: "agent" | "connected" | "disconnected" | "rona" | "supervisor";
}

/** The agent as it is now. */
export interface PresenceSet {
  ok: true;
  agent: Agent;
}

/** A queue, and what awaits who joins it now. */
export interface QueueStanding {
  id: string;
  name: string;
  waiting: number;
  /** Those who are available and have a desktop open. */
  available_agents: number;
  /** Null while there is too little to go by. */
  estimated_wait_ms: number | null;
}

/** Where a contact may be transferred. */
export interface QueuesListed {
  ok: true;
  queues: Array<QueueStanding>;
}

/** `message.read` of an agent. */
export interface ReadContact {
  id?: string;
  contact: string;
  seq: number;
}

/** `message.read` of a customer. */
export interface ReadConversation {
  id?: string;
  conversation: string;
  seq: number;
}

/** `contacts.recent`. */
export interface Recent {
  before?: number;
  limit?: number;
}

/** Why a command was refused: the wire's error codes. */
export type RefusalCode = "conflict" | "forbidden" | "invalid" | "no_capacity" | "no_staff" | "not_found" | "offer_closed" | "queue_full" | "rate_limited" | "too_large" | "unauthenticated" | "unavailable";

/** The ack of a command that was refused and changed nothing. */
export interface Refused {
  ok: false;
  error: WireError;
}

/** `contact.reveal`. */
export interface Reveal {
  contact: string;
  field: "email" | "phone";
  reason: string;
}

/** What was masked, as the customer gave it. */
export interface Revealed {
  ok: true;
  value: string;
}

/** `directory.queues` and `directory.agents`. */
export interface Search {
  search?: string;
}

/** `message.send` of an agent; version 1 takes no attachments. */
export interface SendToContact {
  id?: string;
  contact: string;
  text: string;
  audience?: "everyone" | "internal";
  attachments?: [];
}

/** `message.send` of a customer; version 1 takes no attachments. */
export interface SendToConversation {
  id?: string;
  conversation: string;
  text: string;
  attachments?: [];
}

/** This process goes; connect again within that time. */
export interface ServerDraining {
  /** When, on the server's clock. */
  at: number;
  reconnect_within_ms: number;
}

/** The first event: who the customer is and what there is to go on with. */
export interface Session {
  /** When, on the server's clock. */
  at: number;
  customer: string;
  /** To be kept, in place of an older one, and shown on coming back. */
  token: string;
  entry_point: EntryPoint;
  limits: CustomerLimits;
  /** The newest 50. */
  conversations: Array<Conversation>;
  /** The server's clock, to set countdowns by. */
  server_now: number;
}

/** `presence.set`. */
export interface SetPresence {
  id?: string;
  state: "available" | "idle" | "offline";
  idle_code?: string;
}

/** The first event: everything a desktop shows; the events after it complete it. */
export interface Snapshot {
  /** When, on the server's clock. */
  at: number;
  agent: Agent;
  offers: Array<Offer>;
  /** Those in which the agent has a leg that is not done, oldest first. */
  contacts: Array<ContactWithMessages>;
  queues: Array<Named>;
  wrapup_codes: Array<WrapupCode>;
  idle_codes: Array<Named>;
  templates: Array<Template>;
  limits: AgentLimits;
  /** The server's clock, to set countdowns by. */
  server_now: number;
}

/** `chat.start`. */
export interface StartChat {
  id?: string;
  text?: string;
  name?: string;
  email?: string;
  phone?: string;
  subject?: string;
  queue?: string;
  attributes?: Record<string, string | number | boolean | null>;
  context?: Context;
  conversation?: string;
}

/** A text agents send often. */
export interface Template {
  id: string;
  text: string;
}

/** `contact.transfer`. */
export interface Transfer {
  id?: string;
  contact: string;
  to: Destination;
  wrapup?: Wrapup;
  force?: boolean;
}

/** The contact waits in another queue, or another agent is asked. */
export interface Transferred {
  ok: true;
  /** What the agent is asked by. */
  offer?: string;
}

/** `typing` of an agent. */
export interface TypeInContact {
  contact: string;
  on: boolean;
}

/** `typing` of a customer. */
export interface TypeInConversation {
  conversation: string;
  on: boolean;
}

/** The customer or an agent types or stopped. */
export interface Typing {
  /** When, on the server's clock. */
  at: number;
  conversation: string;
  /** Empty for a customer who gave none. */
  name: string;
  on: boolean;
  contact: string;
  /** Who, when it is an agent. */
  agent?: string;
}

/** One reason why this agent is offered this contact. */
export interface Why {
  code: string;
  value?: string | number;
}

/** Why something was refused. */
export interface WireError {
  code: RefusalCode;
  /** For people; never repeats what was sent. */
  message: string;
  /** The same may succeed later. */
  retryable: boolean;
  /** For machines: `path` of what is invalid, `state` of what is in conflict, `retry_after_ms` of what is too much at once. */
  details?: Record<string, string | number | Array<string>>;
}

/** A code, given with the command that ends a leg. */
export interface Wrapup {
  code: string;
  note?: string;
}

/** What a contact may be filed under. */
export interface WrapupCode {
  id: string;
  name: string;
  /** Where it may be used; left out when everywhere. */
  queues?: Array<string>;
}

/** A code was filed, by the agent or the timer. */
export interface WrapupCompleted {
  /** When, on the server's clock. */
  at: number;
  contact: string;
  code: string;
}

/** This agent owes a code. */
export interface WrapupStarted {
  /** When, on the server's clock. */
  at: number;
  contact: string;
  /** When the default code is filed. */
  deadline_at: number | null;
}

/** A command: what is sent, and the ack when it was done. */
export interface Command<Payload, Done> {
  payload: Payload;
  answer: Done;
}

/** The ack of a command: `ok` tells which of the two it is. */
export type Ack<Done> = Done | Refused;

/** What a socket hears, for a map of events to payloads. */
export type Heard<Events> = { [Name in keyof Events]: (payload: Events[Name]) => void };

/** What a socket says, for a map of commands. */
export type Said<Commands extends { [Name in keyof Commands]: Command<unknown, unknown> }> = {
  [Name in keyof Commands]: (
    payload: Commands[Name]["payload"],
    ack: (answer: Ack<Commands[Name]["answer"]>) => void,
  ) => void;
};

/** The commands of /customer, which `CustomerAuth` opens. */
export interface CustomerCommands {
  "chat.start": Command<StartChat, ChatStarted>;
  "message.send": Command<SendToConversation, MessageSent>;
  "message.read": Command<ReadConversation, Answer>;
  "typing": Command<TypeInConversation, Answer>;
  "chat.end": Command<EndChat, Answer>;
  "customer.identify": Command<Identify, Identified>;
  "history": Command<History, HistoryRead>;
}

/** The events of /customer; `session` is the first. */
export interface CustomerEvents {
  "session": Session;
  "chat.queued": ChatQueued;
  "contact.assigned": CustomerContactAssigned;
  "participant.joined": CustomerParticipant;
  "participant.left": CustomerParticipant;
  "message": Message;
  "message.redacted": CustomerMessageRedacted;
  "message.read": CustomerMessageRead;
  "typing": CustomerTyping;
  "contact.ended": CustomerContactEnded;
  "server.draining": ServerDraining;
}

export type CustomerServerEvents = Heard<CustomerEvents>;
export type CustomerClientEvents = Said<CustomerCommands>;

/** The commands of /agent, which `AgentAuth` opens. */
export interface AgentCommands {
  "presence.set": Command<SetPresence, PresenceSet>;
  "offer.accept": Command<NameOffer, OfferAccepted>;
  "offer.decline": Command<NameOffer, Answer>;
  "offer.cancel": Command<NameOffer, Answer>;
  "message.send": Command<SendToContact, AgentMessageSent>;
  "message.read": Command<ReadContact, Answer>;
  "typing": Command<TypeInContact, Answer>;
  "contact.transfer": Command<Transfer, Transferred>;
  "contact.conference": Command<NameAgent, OfferAsked>;
  "conference.leave": Command<LeaveContact, Answer>;
  "conference.remove": Command<NameAgent, Answer>;
  "contact.end": Command<LeaveContact, Answer>;
  "contact.wrapup": Command<FileWrapup, Answer>;
  "contact.reveal": Command<Reveal, Revealed>;
  "contacts.recent": Command<Recent, ContactsListed>;
  "directory.queues": Command<Search, QueuesListed>;
  "directory.agents": Command<Search, AgentsListed>;
  "history": Command<History, HistoryRead>;
}

/** The events of /agent; `snapshot` is the first. */
export interface AgentEvents {
  "snapshot": Snapshot;
  "presence.changed": PresenceChanged;
  "offer.created": OfferCreated;
  "offer.closed": OfferClosed;
  "contact.assigned": ContactAssigned;
  "contact.updated": ContactUpdated;
  "participant.joined": ParticipantChanged;
  "participant.left": ParticipantChanged;
  "message": Message;
  "message.redacted": MessageRedacted;
  "message.read": MessageRead;
  "typing": Typing;
  "wrapup.started": WrapupStarted;
  "wrapup.completed": WrapupCompleted;
  "contact.ended": ContactEnded;
  "connection.closed": ConnectionClosed;
  "server.draining": ServerDraining;
}

export type AgentServerEvents = Heard<AgentEvents>;
export type AgentClientEvents = Said<AgentCommands>;
