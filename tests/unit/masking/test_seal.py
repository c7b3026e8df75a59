"""What is sealed opens only where it belongs, and is recognised without being opened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from masking.seal import KEY_SIZE, NONCE_SIZE, Seal, normal_form
from masking.text import SealedKind, SealedText

KEY, OTHER_KEY = b"k" * KEY_SIZE, b"o" * KEY_SIZE
NONCE = b"n" * NONCE_SIZE
EMAIL, PHONE = "Kim.Larsson@private.example", "+46 70 174 06 58"
SEAL = Seal(KEY, tenant="main")

keys = st.binary(min_size=KEY_SIZE, max_size=KEY_SIZE)
nonces = st.binary(min_size=NONCE_SIZE, max_size=NONCE_SIZE)
tenants = st.sampled_from(("main", "mai", "n", "main-2"))
letters = st.text("abcxyzABCXYZ", min_size=1, max_size=8)
emails = st.builds("{}.{}@{}.example".format, letters, letters, letters)
spaces = st.sampled_from(("", " ", "-"))
prefixes = st.sampled_from(("+", "00"))


@st.composite
def phones(draw: st.DrawFn) -> str:
    """An international number as people write it: grouped or not, with `+` or `00`."""
    groups = draw(st.lists(st.integers(100, 999), min_size=3, max_size=3))
    gap = draw(spaces)
    return f"{draw(prefixes)}46{gap}{gap.join(map(str, groups))}"


values = st.one_of(
    st.tuples(st.just("email"), emails),
    st.tuples(st.just("phone"), phones()),
)


def sealed(kind: SealedKind, value: str, seal: Seal = SEAL, nonce: bytes = NONCE) -> SealedText:
    """What must be sealed."""
    made = seal.seal(kind, value, nonce=nonce)
    assert made is not None, "it was not sealed"
    return made


@given(values, keys, nonces, tenants)
def test_what_is_sealed_opens_as_it_was(
    value: tuple[SealedKind, str], key: bytes, nonce: bytes, tenant: str
) -> None:
    """A mailer writes to the address that was given, letter for letter."""
    seal = Seal(key, tenant=tenant)
    kind, text = value
    made = sealed(kind, text, seal, nonce)

    assert seal.open(kind, made) == text
    assert text.encode() not in made.ciphertext


@given(values, keys, keys, tenants, tenants)
def test_it_opens_under_no_other_key_kind_or_tenant(
    value: tuple[SealedKind, str], key: bytes, other_key: bytes, tenant: str, other: str
) -> None:
    """A row copied to another field or tenant, or a stolen store, gives nothing away."""
    kind, text = value
    made = sealed(kind, text, Seal(key, tenant=tenant))
    other_kind: SealedKind = "phone" if kind == "email" else "email"
    seal = Seal(other_key, tenant=tenant)
    renamed = replace(made, key=seal.opens[0])

    assert Seal(key, tenant=tenant).open(other_kind, made) is None
    assert (Seal(key, tenant=other).open(kind, made) is None) == (other != tenant)
    assert (seal.open(kind, made) is None) == (key != other_key)
    assert (seal.open(kind, renamed) is None) == (key != other_key)
    assert Seal(None, tenant=tenant).open(kind, made) is None


@given(st.data())
def test_whatever_is_changed_in_it_it_does_not_open(data: st.DataObject) -> None:
    """A changed address would send somebody's mail to somebody else."""
    made = sealed("email", EMAIL)
    part = data.draw(st.sampled_from(("nonce", "ciphertext")))
    good: bytes = getattr(made, part)
    place = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(1, 255))
    flipped = good[:place] + bytes([good[place] ^ flip]) + good[place + 1 :]
    shorter = good[:place]

    assert SEAL.open("email", replace(made, **{part: flipped})) is None
    assert SEAL.open("email", replace(made, **{part: shorter})) is None
    assert SEAL.open("email", replace(made, **{part: good + b"x"})) is None


@given(values, values, nonces)
def test_two_values_have_one_digest_exactly_when_they_are_the_same(
    one: tuple[SealedKind, str], other: tuple[SealedKind, str], nonce: bytes
) -> None:
    """By its digest a customer is recognised, and nobody else is taken for them."""
    is_same = one[0] == other[0] and normal_form(*one) == normal_form(*other)
    first, second = sealed(*one), sealed(*other, nonce=nonce)

    assert (first.digest == second.digest) == is_same
    assert SEAL.digests(*one) == (first.digest,)


@pytest.mark.parametrize(
    ("kind", "forms"),
    [
        ("email", (EMAIL, EMAIL.lower(), EMAIL.upper(), f" {EMAIL}\n")),
        ("phone", (PHONE, "+46701740658", "0046 70-174 06 58", "+46 (70) 174.06.58", f" {PHONE}")),
        ("phone", ("070-174 06 58", "0701740658")),
    ],
)
def test_ways_to_write_one_value_have_one_digest(kind: SealedKind, forms: tuple[str, ...]) -> None:
    """People write their own address in more than one way."""
    assert {SEAL.digests(kind, form) for form in forms} == {SEAL.digests(kind, forms[0])}


def test_other_values_kinds_keys_and_tenants_have_other_digests() -> None:
    """Without the key nobody can tell whose number it is, not even by trying all."""
    digests = {
        *SEAL.digests("phone", PHONE),
        *SEAL.digests("phone", "+46 70 174 06 59"),
        *SEAL.digests("phone", "46701740658"),
        *SEAL.digests("phone", "0701740658"),
        *SEAL.digests("email", "0701740658"),
        *Seal(OTHER_KEY, tenant="main").digests("phone", PHONE),
        *Seal(KEY, tenant="other").digests("phone", PHONE),
    }

    assert len(digests) == 7


def test_a_former_key_opens_and_recognises_and_seals_nothing() -> None:
    """A key is replaced without losing what was sealed with it."""
    before = sealed("email", EMAIL)
    rotated = Seal(OTHER_KEY, tenant="main", former=(KEY,))
    after = sealed("email", EMAIL, rotated)

    assert rotated.open("email", before) == rotated.open("email", after) == EMAIL
    assert after.key != before.key
    assert rotated.opens == (after.key, before.key)
    assert rotated.digests("email", EMAIL) == (after.digest, before.digest)
    assert Seal(OTHER_KEY, tenant="main").open("email", before) is None
    assert Seal(None, tenant="main", former=(KEY,)).open("email", before) == EMAIL


def test_without_a_present_key_nothing_is_sealed() -> None:
    """What nobody could open is not kept."""
    for seal in (Seal(None, tenant="main"), Seal(None, tenant="main", former=(KEY,))):
        assert seal.seal("email", EMAIL, nonce=NONCE) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "4111 1111 1111 1111"),
        ("phone", "4111111111111111"),
        ("phone", "+4111111111111111"),
        ("phone", "378282246310005"),
        ("phone", "536-90-4399"),
        ("phone", "536904399"),
        ("phone", "SE45 5000 0000 0583 9825 7466"),
        ("phone", "123"),
        ("phone", "12/29"),
        ("phone", EMAIL),
        ("phone", f"{PHONE} or {PHONE}"),
        ("phone", f"{PHONE} 4111 1111 1111 1111"),
        ("phone", "kim"),
        ("phone", ""),
        ("email", PHONE),
        ("email", "4111111111111111@private.example"),
        ("email", "536-90-4399@private.example"),
        ("email", f"{EMAIL}, {EMAIL}"),
        ("email", f"{EMAIL} 4111 1111 1111 1111"),
        ("email", "4111 1111 1111 1111"),
        ("email", "kim"),
        ("email", ""),
    ],
)
def test_only_an_address_or_a_number_is_sealed(kind: SealedKind, text: str) -> None:
    """Whatever a field is called, a card in it must not be kept where somebody can open it."""
    assert SEAL.seal(kind, text, nonce=NONCE) is None


def test_no_part_of_a_key_is_shown() -> None:
    """Seals end up in tracebacks and debug lines."""
    made = sealed("email", EMAIL)

    assert KEY.decode() not in repr(SEAL) + repr(made)
    assert made.key not in {KEY.hex()[:16], KEY[:8].hex()}
