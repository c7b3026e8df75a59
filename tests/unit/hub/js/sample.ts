// A widget and a desktop, as far as their types are of interest: this file is compiled and not run.
//
// What is marked to be an error has to be one, or the compiler complains about the mark.

import type {
  AgentClientEvents,
  AgentServerEvents,
  Contact,
  CustomerAuth,
  CustomerClientEvents,
  CustomerServerEvents,
  HistoryRead,
  RefusalCode,
  Snapshot,
} from 'frontdesk'
import { io, type Socket } from 'socket.io-client'

// -- a widget

const auth: CustomerAuth = { entry_point: 'shop', token: null }
const widget: Socket<CustomerServerEvents, CustomerClientEvents> = io('/customer', { auth })

widget.on('session', (session) => {
  const isOpen: boolean = session.entry_point.open
  const greeting: string | undefined = session.entry_point.greeting
  const unread: number[] = session.conversations.map((conversation) => conversation.unread)
  return [isOpen, greeting, unread]
})
widget.on('message', (message) => {
  const [kind, start, end] = message.masked_spans?.[0] ?? ['pan', 0, 0]
  const places: [string, number, number] = [kind, start, end]
  const role: 'customer' | 'agent' | 'bot' | 'system' = message.author.role
  return [places, role]
})
widget.emit('chat.start', { text: 'Hello', attributes: { plan: 'gold', age: 3 } }, (answer) => {
  if (answer.ok) {
    const position: number | null = answer.position
    return position
  }
  const code: RefusalCode = answer.error.code
  return answer.error.retryable ? code : answer.error.details?.['path']
})

async function history(conversation: string): Promise<HistoryRead | undefined> {
  const answer = await widget.timeout(1000).emitWithAck('history', { conversation, limit: 10 })
  return answer.ok ? answer : undefined
}

// @ts-expect-error a misspelt event is never heard
widget.on('mesage', () => undefined)
// @ts-expect-error customers hear of no offers
widget.on('offer.created', () => undefined)
// @ts-expect-error there is no such command
widget.emit('chat.begin', {}, () => undefined)
// @ts-expect-error a conversation is missing
widget.emit('message.send', { text: 'Hello' }, () => undefined)
// @ts-expect-error a number is no text
widget.emit('message.send', { conversation: 'c', text: 1 }, () => undefined)
// @ts-expect-error an unknown field is refused
widget.emit('chat.end', { conversation: 'c', reason: 'done' }, () => undefined)
// @ts-expect-error whether it was done has to be asked first
widget.emit('chat.start', {}, (answer) => answer.contact)
widget.on('session', (session) => {
  // @ts-expect-error what may be left out has to be looked for
  const greeting: string = session.entry_point.greeting
  return greeting
})
// @ts-expect-error an entry point has to be named
const nowhere: CustomerAuth = { token: 'x' }

// -- a desktop

const desk: Socket<AgentServerEvents, AgentClientEvents> = io('/agent', { auth: { token: 'x' } })

desk.on('snapshot', (snapshot: Snapshot) => {
  const contacts: Contact[] = snapshot.contacts
  const texts: string[] = snapshot.contacts.flatMap((contact) =>
    contact.messages.map((message) => message.text),
  )
  return [contacts, texts]
})
desk.on('offer.created', ({ offer }) => {
  const asker: string | undefined = offer.from?.name
  desk.emit('offer.accept', { offer: offer.id, id: 'once' }, (answer) => {
    if (answer.ok) {
      const owner: string | null = answer.contact.owner
      return owner
    }
    return asker
  })
})
desk.emit('contact.transfer', { contact: 'c', to: { queue: 'sales' } }, (answer) => {
  const offer: string | undefined = answer.ok ? answer.offer : answer.error.message
  return offer
})

// @ts-expect-error there is no such state
desk.emit('presence.set', { state: 'away' }, () => undefined)
// @ts-expect-error a code may be null nowhere
desk.emit('presence.set', { state: 'idle', idle_code: null }, () => undefined)
// @ts-expect-error an offer is named by its id
desk.on('offer.closed', ({ offer }) => offer.id)

export { history, nowhere }
