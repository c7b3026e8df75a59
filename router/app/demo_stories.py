"""What the demo's customers ask and its agents answer."""

import re
from typing import NamedTuple


class Turn(NamedTuple):
    """What a customer writes and what an agent answers."""

    asks: str
    answer: str


class Story(NamedTuple):
    """A conversation, known to both sides by its subject.

    Attributes:
        code: How it is wrapped up.
    """

    subject: str
    code: str
    turns: tuple[Turn, ...]


STORIES = (
    Story(
        "Wrong size",
        "exchange",
        (
            Turn(
                "Hi! The shoes I got are one size too small.",
                "I am sorry to hear that. What is your order number?",
            ),
            Turn("It is 48213.", "Thank you. Shall I send size 42 instead?"),
            Turn("Yes please. Do you have my e-mail? {email}", "Yes, that is the one we have."),
            Turn("Great, thanks!", "You will get a return label within the hour. Goodbye!"),
        ),
    ),
    Story(
        "Where is my refund?",
        "refund",
        (
            Turn(
                "Hello, I sent back a jacket two weeks ago and still have no money.",
                "Let me look. Which order was that?",
            ),
            Turn("Order 51877.", "I see it. It was approved today. How did you pay?"),
            Turn(
                "By card, {card}",
                "You never need to write a card number here: we see only the last four digits.",
            ),
            Turn("Oh, good. How long will it take?", "Two or three days. Anything else I can do?"),
            Turn("No, that was it. Thanks.", "Thank you for writing. Have a nice day!"),
        ),
    ),
    Story(
        "Return label",
        "label",
        (
            Turn(
                "Good morning. The return label does not print.",
                "Good morning! I can send it to you again. Which order is it?",
            ),
            Turn(
                "47120. Could you send a text to {phone} when it is done?",
                "Of course. It is on its way, you should have it in a minute.",
            ),
            Turn("It has arrived. Thank you!", "You are welcome. Goodbye!"),
        ),
    ),
    Story(
        "Damaged parcel",
        "refund",
        (
            Turn(
                "My parcel was crushed and the lamp in it is broken.",
                "That is annoying, I am sorry. Would you like a new lamp or your money back?",
            ),
            Turn(
                "The money. My card is {card}, expires 09/28.",
                "No need for that: it goes back to the card you paid with.",
            ),
            Turn(
                "Do I have to send the broken one back?",
                "No, please recycle it. Your refund is on its way.",
            ),
            Turn("Perfect, thank you.", "Thank you for your patience. Goodbye!"),
        ),
    ),
    Story(
        "Change of address",
        "exchange",
        (
            Turn(
                "Hey, I moved. Can my exchange go to the new address?",
                "Sure. How can we reach you if the courier has a question?",
            ),
            Turn("{phone}, or {email}", "Thank you. Your exchange goes to the new address."),
            Turn("Wonderful!", "Enjoy your new home!"),
        ),
    ),
)

HAND_OVER_TO_AGENT = "One moment, please: my colleague {name} knows more about this."
HAND_OVER_TO_QUEUE = "One moment, please: I will pass you on to the next free colleague."
CALL_IN = "I will ask {name} to join us for a moment."
TAKE_OVER = "Hello, this is {name}. I have read what you wrote."
ADVICE = "Hello, {name} here. That is covered, go ahead."
FAREWELL = "It looks as if you had to go. Write again whenever you like!"
NOTE = "Order checked, everything is as the customer says."

NAMES = (
    "Maja", "Erik", "Sofia", "Lukas", "Amira", "Jonas", "Elena", "Oscar", "Freja", "Tomas",
    "Leila", "Anton", "Nora", "Viktor", "Hanna", "Samuel",
)  # fmt: skip

# The customer who visits the shop when nobody else does; its answers by words of the question.
OPENING = "Hello! I ordered a coffee grinder last week and it has not arrived."
REPLIES = (
    (("bye", "nice day", "take care", "welcome"), ""),
    (("anything else", "something else"), "No, that was all. Thank you for your help!"),
    (("e-mail", "email", "mail address"), "You can write to {email}"),
    (("phone", "call you", "mobile"), "Sure, my number is {phone}"),
    (("card", "pay", "paid"), "I paid by card: {card}"),
    (("order", "number"), "My order number is 50442."),
    (("name",), "My name is {name}."),
    (("address", "street", "where"), "It should go to Park Street 5."),
    (("when", "day"), "It was last Tuesday."),
    (("moment", "check", "look", "wait", "second"), "Of course, take your time."),
    (("sorry", "apologies", "apologise", "apologize"), "That is all right. When will it arrive?"),
    (("refund", "money back"), "I would rather have the grinder, if that is possible."),
    (("tomorrow", "sent", "on its way", "days"), "That is good to hear. Thank you!"),
    (("thank",), "No problem!"),
    (("hello", "hi", "help", "good morning"), "I wonder where my coffee grinder is."),
)
"""The first row with a word of the question gives the answer; an empty one says goodbye."""

GREETING = "Hello! I am a script, and hand you over as soon as somebody goes available at the desk."

# What a clerk of the script answers a person who plays the customer.
COUNSELS = (
    (("bye", "goodbye", "that was all", "that is all"), "Goodbye, and thank you for looking in!"),
    (("thanks", "thank you"), "You are welcome. Say goodbye when you are done."),
    (("card", "visa", "mastercard", "iban", "phone", "e-mail", "email"),
     "Send a made-up one and look at it: what we keep and see is masked."),
    (("person", "human", "agent", "somebody", "someone"),
     "Choose an agent at the desk and go available: I will pass this chat on to you there."),
    (("return", "refund", "broken", "exchange"),
     "Send it back within thirty days, and we will send a new one or your money."),
    (("price", "cost", "buy", "order", "delivery", "ship"),
     "Nothing here is for sale: the shop is an example. The chat is real."),
    (("hello", "hi", "hey", "good morning", "help", "question"), GREETING),
)  # fmt: skip
"""The first row with a word of the question gives the answer; the first row is the last word."""

COUNSEL = (
    "I am a script and know little. Choose an agent at the desk and go available: then I will pass"
    " this chat on to you."
)
TAKEN_OVER = "One moment, please: {name} is here now and takes over."

UNSURE = ("I am not sure. Could you check my order, please?", "I see. What happens now?")


def story_of(subject: str) -> Story | None:
    """Find a story by its subject."""
    return next((story for story in STORIES if story.subject == subject), None)


def reply(text: str) -> str | None:
    """Answer an agent as the shop's visitor; empty is goodbye, None that no row fits."""
    return _first(REPLIES, text)


def counsel(text: str) -> tuple[str, bool]:
    """Answer a person who plays the customer, and say whether that is goodbye."""
    answer = _first(COUNSELS, text)
    return answer or COUNSEL, answer == COUNSELS[0][1]


def _first(rows: tuple[tuple[tuple[str, ...], str], ...], text: str) -> str | None:
    words = text.lower()
    return next(
        (answer for keys, answer in rows if re.search(rf"\b(?:{'|'.join(keys)})\b", words)),
        None,
    )
