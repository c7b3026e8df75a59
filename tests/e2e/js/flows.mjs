// Plays both sides of a chat on socket.io-client; exits with 0 only if everything came as expected.

import assert from "node:assert/strict";
import { io } from "socket.io-client";

const PATIENCE_MS = 8000;
const setting = JSON.parse(process.argv[2]);
const sockets = [];

/** One socket that keeps every event in order, so that nothing is missed between two waits. */
class Client {
  constructor(namespace, auth) {
    this.events = [];
    this.waiting = new Set();
    this.socket = io(setting.url + namespace, {
      auth,
      forceNew: true,
      reconnectionDelay: 50,
      transports: ["websocket"],
    });
    sockets.push(this.socket);
    this.socket.onAny((name, payload) => this.note(name, payload));
    this.socket.on("connect_error", (error) => this.note("connect_error", error));
    this.socket.on("disconnect", (reason) => this.note("disconnect", reason));
  }

  note(name, payload) {
    this.events.push({ name, payload });
    for (const look of [...this.waiting]) look();
  }

  /** Waits for the first event of a name, from `since` on, that the predicate accepts. */
  until(name, predicate = () => true, since = 0) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events
          .slice(since)
          .find((event) => event.name === name && predicate(event.payload));
        if (found === undefined) return;
        this.waiting.delete(look);
        clearTimeout(timer);
        resolve(found.payload);
      };
      const told = () => JSON.stringify(this.events.slice(since), null, 1);
      const timer = setTimeout(() => reject(new Error(`no ${name} in ${told()}`)), PATIENCE_MS);
      this.waiting.add(look);
      look();
    });
  }

  /** Sends a command that must be answered with ok. */
  async ask(command, payload) {
    const answer = await this.socket.timeout(PATIENCE_MS).emitWithAck(command, payload);
    assert.equal(answer.ok, true, `${command}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Sends a command that must be refused and gives the code. */
  async refused(command, payload) {
    const answer = await this.socket.timeout(PATIENCE_MS).emitWithAck(command, payload);
    assert.equal(answer.ok, false, `${command}: ${JSON.stringify(answer)}`);
    return answer.error.code;
  }
}

async function openDesk(name) {
  const desk = new Client("/agent", { token: setting.tokens[name] });
  const snapshot = await desk.until("snapshot");
  assert.equal(snapshot.agent.id, setting[name]);
  await desk.ask("presence.set", { state: "available" });
  return desk;
}

async function openWidget(auth = {}) {
  const customer = new Client("/customer", { entry_point: setting.entry_point, ...auth });
  return [customer, await customer.until("session")];
}

const offers = (contact) => (event) => event.offer.contact.id === contact;

async function connect(customer, desk) {
  const started = await customer.ask("chat.start", { text: "Hello" });
  const { offer } = await desk.until("offer.created", offers(started.contact));
  await desk.ask("offer.accept", { offer: offer.id });
  await customer.until("contact.assigned", (event) => event.contact === started.contact);
  return started;
}

const flows = {
  async thinChat() {
    const anna = await openDesk("anna");
    const [customer] = await openWidget();
    const { contact, conversation } = await connect(customer, anna);
    const said = await anna.ask("message.send", { contact, text: "Hi <there> \u{1F600}" });
    const heard = await customer.until("message", (message) => message.seq === said.seq);
    const asked = await customer.ask("message.send", {
      conversation,
      text: "my card is 4111 1111 1111 1111",
    });
    const seen = await anna.until("message", (message) => message.seq === asked.seq);
    await anna.ask("contact.end", { contact, wrapup: { code: "resolved" } });
    const ended = await customer.until("contact.ended");
    await anna.until("wrapup.completed");
    const { messages } = await customer.ask("history", { conversation });

    assert.equal(heard.text, "Hi <there> \u{1F600}");
    assert.equal(seen.text, "my card is ************1111");
    assert.equal(ended.ended_by, "agent");
    assert.deepEqual(
      messages.map((message) => message.seq).sort((one, other) => one - other),
      messages.map((_, place) => place + 1),
    );
    assert.equal(await customer.refused("chat.sing", {}), "invalid");
  },

  async rona() {
    const anna = await openDesk("anna");
    const [customer] = await openWidget();
    const { contact } = await customer.ask("chat.start", { text: "Hello" });
    const { offer } = await anna.until("offer.created", offers(contact));
    const bo = await openDesk("bo");
    const closed = await anna.until("offer.closed", (event) => event.offer === offer.id);
    const changed = await anna.until("presence.changed", (event) => event.cause === "rona");
    const moved = await bo.until("offer.created", offers(contact));
    await bo.ask("offer.accept", { offer: moved.offer.id });
    const assigned = await customer.until("contact.assigned");

    assert.equal(closed.outcome, "rona");
    assert.equal(changed.agent.state, "rona");
    assert.equal(await anna.refused("offer.accept", { offer: offer.id }), "offer_closed");
    assert.equal(assigned.agent.name, "Bo");
  },

  async resume() {
    const anna = await openDesk("anna");
    const [customer, session] = await openWidget();
    const { contact, conversation } = await connect(customer, anna);
    customer.socket.auth = { entry_point: setting.entry_point, token: session.token };
    const since = customer.events.length;
    customer.socket.io.engine.close(); // the wire breaks; the client connects again by itself
    const said = await anna.ask("message.send", { contact, text: "Are you there?" });
    const again = await customer.until("session", undefined, since);
    const missed = await customer.ask("history", { conversation, after: said.seq - 1 });
    await customer.ask("message.send", { conversation, text: "Yes!" });
    await anna.until("message", (message) => message.text === "Yes!");
    const deskSince = anna.events.length;
    anna.socket.io.engine.close();
    const snapshot = await anna.until("snapshot", undefined, deskSince);

    assert.equal(again.customer, session.customer);
    assert.deepEqual(again.conversations[0].contact, { id: contact, state: "connected" });
    assert.equal(missed.messages[0].text, "Are you there?");
    assert.equal(snapshot.agent.state, "available");
    assert.equal(snapshot.contacts[0].id, contact);
  },

  async drained() {
    const anna = await openDesk("anna");
    const [customer, session] = await openWidget();
    const { contact } = await customer.ask("chat.start", { text: "Hello" });
    const { offer } = await anna.until("offer.created", offers(contact));
    customer.socket.auth = { entry_point: setting.entry_point, token: session.token };
    const [since, deskSince] = [customer.events.length, anna.events.length];
    process.kill(setting.pid, "SIGTERM"); // whoever runs this starts the server again
    const told = await anna.until("server.draining");
    const reasons = [await customer.until("disconnect"), await anna.until("disconnect")];
    const snapshot = await anna.until("snapshot", undefined, deskSince);
    const again = await customer.until("session", undefined, since);
    await anna.ask("offer.accept", { offer: offer.id });
    await customer.until("contact.assigned", undefined, since);
    const closed = anna.events.filter((event) => event.name === "offer.closed");

    assert.deepEqual(reasons, ["transport close", "transport close"]);
    assert.ok(told.reconnect_within_ms > 0 && told.reconnect_within_ms <= 5000);
    assert.deepEqual(snapshot.offers.map((one) => one.id), [offer.id]);
    assert.equal(snapshot.agent.state, "available");
    assert.equal(again.customer, session.customer);
    assert.deepEqual(closed.map((event) => event.payload.outcome), ["accepted"]);
  },

  async refused() {
    const widget = new Client("/customer", { entry_point: "nowhere" });
    const desk = new Client("/agent", { token: "nonsense" });
    const unknown = await widget.until("connect_error");
    const unsigned = await desk.until("connect_error");

    assert.equal(unknown.data.code, "not_found");
    assert.equal(typeof unknown.data.message, "string");
    assert.equal(unknown.data.retryable, false);
    assert.equal(unsigned.data.code, "unauthenticated");
  },
};

try {
  await flows[setting.flow]();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const socket of sockets) socket.disconnect();
}
