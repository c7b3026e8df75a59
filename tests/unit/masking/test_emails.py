"""Which signs make an address: what is found, exactly, and what is left alone."""

import pytest

from masking import mask
from masking.detectors.emails import find_emails
from masking.normalise import normalise

FOUND = [
    # Each value between ⟦ and ⟧.
    "⟦melissa@gmail.com⟧",
    "mailto:⟦anna.b+shop@mail.example.co.uk⟧?subject=x",
    "<⟦anna@example.com⟧>",
    "Anna Berg <⟦anna@example.com⟧>;",
    "«⟦anna@example.com⟧»",
    "'⟦anna@example.com⟧'",
    "“⟦anna@example.com⟧”",
    "…⟦anna@example.com⟧…",
    '⟦"anna b"@example.com⟧',
    "⟦o'brien@example.ie⟧",
    "⟦josé@exämple.se⟧",
    "⟦用户@例子.公司⟧",
    "⟦田中@example.com⟧",
    "⟦anna@vermögensberatung.de⟧",
    "⟦anna@example.vermögensberatung⟧",
    "⟦anna@[192.168.0.1]⟧",
    "⟦anna@163.com⟧",
    "⟦h2o@1und1.de⟧",
    "メールは⟦anna@example.com⟧です",
    "mail me at:⟦melissa@gmail.com⟧です",
    "⟦anna@gmail.com⟧です.明日",
    "بريدي⟦anna@example.com⟧شكرا",
    "邮箱⟦anna@example.com⟧谢谢",
    "⟦anna@gmail.com⟧123",
    "https://example.com/?email=⟦anna@example.com⟧&x=1",
    "e-mail/⟦anna@example.com⟧",
    "/⟦anna@example.com⟧/",
    "email:⟦anna@example.com⟧,tack",
    '{"email":"⟦anna@example.com⟧"}',
    "[⟦anna@example.com⟧](mailto)",
    "⟦anna@example.com⟧,⟦bob@example.org⟧",
    "⟦anna@example.com⟧\n⟦bob@example.org⟧",
    "_⟦anna@example.com_⟧".replace("_⟧", "⟧_"),
    "@⟦anna@gmail.com⟧",
    "⟦melissa@@gmail.com⟧",
    "⟦melissa＠gmail．com⟧",
    "⟦name @ gmail . com⟧",
    "⟦name @ gmail.com⟧",
    "⟦a.b @ QQ.COM⟧",
    "⟦x.y.zed @company.museum⟧",
    "⟦name@ gmail.com⟧",
    "⟦name @gmail.com⟧",
    "⟦anna.b @ shop . se⟧",
    "⟦git@example.com⟧ is ours",
    "⟦deploy@server.example.com⟧",
    "https://anna:⟦secret@example.com⟧/",
]
LEFT_ALONE = [
    "logo@2x.png",
    "icon-12@3x.webp and img@1.5x.jpeg",
    "style@dark.css, data@today.json",
    "pkg@1.2.3",
    "lodash@4.17.21-beta.rc",
    "react@^18.2.0 left-pad@v1.0.0",
    "npm i @scope/pkg@latest",
    "@types/node@20.10.4",
    "git@github.com:org/repo.git",
    "git@gitlab.example.com:org/group/repo",
    "ssh://git@github.com/org/repo",
    "user@host",
    "root@localhost:~",
    "@handle and @other_one",
    "@anna@mastodon.social",
    "meet @ 5pm. ok",
    "lunch @ 12.30?",
    "see you @ noon. thanks",
    "3 @ 4.99 each",
    "3@2.50",
    "live @ twitch.tv/anna",
    "hi @booking.com you",
    "m******@gmail.com",
    "a @ b",
    "@",
    "@@@@",
    "@gmail.com",
]


@pytest.mark.parametrize("row", FOUND)
def test_an_address_is_found_from_its_first_letter_to_its_domain(row: str) -> None:
    """Whatever it sticks to; words of scripts without spaces are no part of it."""
    wanted = [part.split("⟧")[0] for part in row.split("⟦")[1:]]
    text = row.replace("⟦", "").replace("⟧", "")

    assert [text[span.start : span.end] for span in find_emails(normalise(text))] == wanted


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_only_has_the_sign_is_left_alone(text: str) -> None:
    """Files, packages, repositories, handles, hours and prices have it too."""
    assert mask(text).text == text


def test_what_sticks_to_an_address_stays_readable() -> None:
    """A sentence without spaces goes on after an address."""
    assert mask("mail me at:melissa@gmail.comです").text == "mail me at:m******@gmail.comです"
