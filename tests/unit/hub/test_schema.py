"""What is published of the protocol is taken by the tools it is for, and says what is so."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias, cast

import msgspec
import pytest

from router.app.cli import main
from router.app.version import version
from router.hub import answers, events, shapes, wire
from router.hub.asyncapi import asyncapi
from router.hub.auth import CustomerAuth
from router.hub.contract import NAMESPACES, Namespace
from router.hub.schema import Schema, schemas
from router.hub.typescript import typescript
from tests.support.contract import fits, shape_mistakes
from tests.support.server import ROOT

# A document as its readers see it: they know nothing of our types.
Document: TypeAlias = dict[str, Any]

SCRIPTS = Path(__file__).parent / "js"
# Node reads the parser's thousand files in a few seconds on a busy machine.
NODE_S_MAX = 120


def document() -> Document:
    """The AsyncAPI document of this version."""
    return cast("Document", json.loads(asyncapi(version())))


def findings(*documents: Document) -> list[list[list[str]]]:
    """What the AsyncAPI parser says of each document."""
    node = shutil.which("node")
    assert node is not None, "node is missing; ./dev doctor says how to install it"
    ended = subprocess.run(
        [node, str(SCRIPTS / "asyncapi.mjs")],
        input=json.dumps([json.dumps(each) for each in documents]),
        capture_output=True,
        text=True,
        timeout=NODE_S_MAX,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    return cast("list[list[list[str]]]", json.loads(ended.stdout))


# -- AsyncAPI --------------------------------------------------------------------------------------


def test_the_document_is_one_to_the_parser_of_its_users() -> None:
    """Code and pages are generated with this parser; a warning there is our mistake.

    Two small documents with a mistake show that it looks.
    """
    head = {"asyncapi": "3.1.0", "info": {"title": "Frontdesk", "version": "1"}}
    unnamed = {"asyncapi": "3.1.0", "info": {"version": "1"}}
    loose = {**head, "channels": {"agent": {"$ref": "#/components/channels/agent"}}}
    ours, *broken = findings(document(), unnamed, loose)

    assert ours == []
    assert [found[0][:2] for found in broken] == [
        ["error", "asyncapi-document-resolved"],
        ["error", "invalid-ref"],
    ]


@pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda each: cast("Namespace", each).name)
def test_every_command_and_event_is_an_operation(namespace: Namespace) -> None:
    """A command is received and replied to, an event is sent; nothing else is there."""
    operations: Document = document()["operations"]
    ours = {name: each for name, each in operations.items() if name.startswith(namespace.name)}
    received = {each["title"] for each in ours.values() if each["action"] == "receive"}
    sent = {each["title"] for each in ours.values() if each["action"] == "send"}

    assert received == {"connect", *namespace.commands}
    assert sent == set(namespace.events)
    assert all(("reply" in each) == (each["action"] == "receive") for each in ours.values())


def test_a_command_is_answered_by_what_it_did_or_by_a_refusal() -> None:
    """Whoever generates a client from it gets both acks, and who may ask."""
    operation: Document = document()["operations"]["agent.contact.reveal.command"]
    channel = "#/channels/agent/messages/"

    assert operation["messages"] == [{"$ref": f"{channel}contact.reveal.command"}]
    assert operation["reply"]["messages"] == [
        {"$ref": f"{channel}contact.reveal.answer"},
        {"$ref": f"{channel}refused"},
    ]
    assert operation["x-roles"] == ["reveal"]


def test_a_message_points_at_the_schema_of_its_struct() -> None:
    """The same event of two namespaces has two forms."""
    messages: Document = document()["components"]["messages"]

    assert messages["customer.typing.event"]["payload"]["$ref"].endswith("/CustomerTyping")
    assert messages["agent.typing.event"]["payload"]["$ref"].endswith("/Typing")
    assert messages["agent.typing.event"]["name"] == "typing"


def test_the_document_is_of_this_version_and_the_same_every_time() -> None:
    """It is kept beside a client, and a difference has to mean something."""
    told = {
        subprocess.run(
            [sys.executable, "-m", "router.app", "schema"],
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert [json.loads(each) for each in told] == [document()]
    assert document()["info"]["version"] == version()


# -- schemas ---------------------------------------------------------------------------------------


def test_what_the_server_sends_is_there_unless_it_may_be_left_out() -> None:
    """A client reads a required field without asking; what has a default is sent all the same."""
    found = schemas()

    assert "ok" in found["Answer"].required
    assert "attachments" in found["Message"].required
    assert "deadline_at" in found["Leg"].required
    assert "event" not in found["Message"].required
    assert "from" in found["Offer"].properties
    assert "from" not in found["Offer"].required


def test_what_a_client_sends_may_leave_out_what_has_a_default() -> None:
    """And it may add nothing: an unknown field is refused."""
    schema = schemas()["SendToContact"]

    assert schema.required == ("contact", "text")
    assert schema.additional_properties is False


def test_a_field_is_described_by_the_struct_that_has_it_or_the_one_below() -> None:
    """What is said once of a field holds wherever it was taken over."""
    found = schemas()

    assert found["Message"].description == (
        "One line of a conversation; as an event, it was written now."
    )
    assert found["Message"].properties["text"].description == "Masked."
    assert found["ChatQueued"].properties["at"].description == "When, on the server's clock."
    assert found["ContactWithMessages"].properties["legs"].description == (
        "In the order they joined."
    )


def test_what_is_said_beside_a_reference_is_not_lost() -> None:
    """In draft 7 a reference stands alone: whatever is beside it does not count."""
    found = schemas()
    beside = [
        (name, field)
        for name, schema in found.items()
        for field, each in schema.properties.items()
        if each.ref and each != Schema(ref=each.ref)
    ]

    assert beside == []
    assert found["Conversation"].properties["contact"].all_of[0].refers_to == "ContactStanding"


def test_no_two_structs_have_one_name() -> None:
    """Schemas are named by structs; msgspec would give both the names of their modules."""
    assert [name for name in schemas() if "." in name or "_" in name] == []


MESSAGE: dict[str, object] = {
    "conversation": "c",
    "contact": "c",
    "seq": 1,
    "id": "m",
    "at": 1,
    "author": {"role": "customer"},
    "audience": "everyone",
    "text": "hello",
    "masked": [],
    "attachments": [],
}


@pytest.mark.parametrize(
    "change",
    [
        {"seq": "1"},
        {"seq": True},
        {"seq": 1.5},
        {"text": None},
        {"audience": "nobody"},
        {"author": {"role": "customer", "nick": "kim"}},
        {"author": {}},
        {"attachments": ["x"]},
        {"masked_spans": [["pan", 0]]},
        {"masked_spans": [["pan", "0", 1]]},
        {"colour": "red"},
    ],
)
def test_a_payload_that_is_not_described_is_noticed(change: dict[str, object]) -> None:
    """The whole black-box suite is held against the contract; that proves only what is noticed."""
    assert shape_mistakes(shapes.Message, MESSAGE) == []
    assert shape_mistakes(shapes.Message, MESSAGE | change) != []
    assert shape_mistakes(shapes.Message, {**MESSAGE, "masked_spans": [["pan", 0, 1]]}) == []


@pytest.mark.parametrize(
    ("kind", "payload", "is_taken"),
    [
        (wire.StartChat, {}, True),
        (wire.StartChat, {"attributes": {"a": None, "b": 1.5, "c": [1]}}, False),
        (wire.StartChat, {"attributes": {"a": None, "b": 1.5}, "context": {}}, True),
        (wire.StartChat, {"id": ""}, False),
        (wire.StartChat, {"id": "x" * 65}, False),
        (wire.History, {"conversation": "c", "limit": 0}, False),
        (wire.History, {"conversation": "c", "limit": 200}, True),
        (wire.History, {"conversation": "c", "limit": 201}, False),
        (wire.SetPresence, {"state": "idle", "idle_code": None}, False),
        (wire.Transfer, {"contact": "c", "to": {"queue": "q"}, "force": True}, True),
        (wire.Transfer, {"contact": "c", "to": {"room": "q"}}, False),
        (wire.SendToContact, {"contact": "c", "text": "x", "attachments": []}, True),
        (wire.SendToContact, {"contact": "c", "text": "x", "attachments": ["x"]}, False),
        (CustomerAuth, {"entry_point": "shop", "token": None}, True),
        (CustomerAuth, {"token": "x"}, False),
        (answers.Answer, {"ok": False}, False),
        (events.WrapupStarted, {"at": 1, "contact": "c", "deadline_at": None}, True),
        (events.WrapupStarted, {"at": 1, "contact": "c"}, False),
    ],
)
def test_a_schema_takes_what_its_struct_takes(
    kind: type[msgspec.Struct], payload: object, is_taken: object
) -> None:
    """Who checks a payload by the schema must not be refused by the server, nor the reverse."""
    try:
        msgspec.convert(payload, kind)
        is_read = True
    except msgspec.ValidationError:
        is_read = False

    assert fits(schemas()[kind.__name__], payload) is is_taken
    assert is_read is is_taken


# -- TypeScript ------------------------------------------------------------------------------------


def on_page() -> str:
    """The sample that the page about the protocol shows."""
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^```ts\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return cast("str", found)


def compiled(folder: Path, types: str) -> subprocess.CompletedProcess[str]:
    """What the compiler says of the sample, and of the one on the page, with these types."""
    (folder / "frontdesk.ts").write_text(types, encoding="utf-8")
    (folder / "page.ts").write_text(f"declare const url: string\n{on_page()}", encoding="utf-8")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    options = {
        "strict": True,
        "noEmit": True,
        "noUncheckedIndexedAccess": True,
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "module": "preserve",
        "moduleResolution": "bundler",
        "types": [],
        "skipLibCheck": True,
        "paths": {"frontdesk": ["./frontdesk.ts"]},
    }
    project = {"compilerOptions": options, "files": [str(SCRIPTS / "sample.ts"), "page.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(project), encoding="utf-8")
    return subprocess.run(
        [ROOT / "node_modules" / ".bin" / "tsc", "--project", folder],
        capture_output=True,
        text=True,
        timeout=NODE_S_MAX,
        check=False,
    )


def test_the_types_fit_the_client_library_and_refuse_wrong_usage(tmp_path: Path) -> None:
    """The sample uses them as a widget and a desktop do, and marks what has to be an error."""
    ended = compiled(tmp_path, typescript(version()))

    assert ended.returncode == 0, ended.stdout


def test_types_that_allow_too_much_are_noticed(tmp_path: Path) -> None:
    """A mark on a line that is no error is an error itself."""
    loose = typescript(version()).replace("  idle_code?: string;", "  idle_code?: string | null;")
    ended = compiled(tmp_path, loose)

    assert ended.returncode != 0
    assert "Unused '@ts-expect-error'" in ended.stdout


def test_the_command_line_prints_both(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is to be piped into a file as it is."""
    codes = [main(["schema"])]
    of_asyncapi = capsys.readouterr().out
    codes.append(main(["schema", "--format", "typescript"]))
    of_typescript = capsys.readouterr().out

    assert codes == [0, 0]
    assert json.loads(of_asyncapi) == document()
    assert of_typescript == typescript(version())
