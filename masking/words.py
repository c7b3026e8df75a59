"""What the words beside a row of digits say it is, in nine languages.

Only the words next to a candidate are read: forty characters before it, twenty-five after it.
Tables are without accents; a word ending in `*` stands for all words that begin so.
"""

import re
from collections.abc import Iterator
from string import ascii_lowercase
from typing import Final, Literal

from masking.normalise import ZERO_WIDTH
from masking.scan import CARD_COVER

Says = Literal["phone", "other", ""]
"""What a row of digits is by the words around it: a phone number, something else, or unknown."""

_BEFORE: Final = 40
_AFTER: Final = 25
_OTHER_REACH: Final = 24  # "tracking number of the parcel: 12345678"; further on it is another one
_AFTERTHOUGHT: Final = 6  # what stands before a number names it more often than what follows
_BESIDE: Final = 2  # a currency or a unit stands right beside its sum

_TABLE: Final = {
    "phone": """
        phon* ph telep* telef* telem* teln* tele tel tlf tlfnr mob fono wasap kald tfn tfno telf tf
        mobil* movil* cell cells
        cellph* cel celul* call calls called calling callback caller ring ringa ringer ringe ringde
        ringing ringt ringen text texted txt dial* reach* sms fax faxnu* fone whats* wa zap viber
        telegram imessage signal hotline helpline landline handset voicemail pager contact*
        kontakt* contato* handy* anruf* anzuruf* angeruf* ruf rufe rufen rufst rufnu* ruckruf*
        zuruckruf* erreich* festnetz* durchwahl* appel* rappel* joindre joignable portable gsm
        llam* ligue liga ligar liguem ligo ligacao liguei marcar marque nas fanges traffes traffe
        opkald privatn* arbetsn* arbejdsn* hemnu* hjemmen* jobbn* jobnu* direktn*
        smsa smsar mensaje* mensagem* texto textos mobnr* fastnet* disque chama chame chamem atendo
        recado* melde melden klingel* composez localizas localizarme localizan fijo escribeme
        escribanme comunicarse comuniquese
        """,
    "number": "number numb num nr nummer nummeret numret numeret numero",
    "of": """
        de do da del du des d la el le of for fur av af von my meu minha mi mon ma min mein meine
        iphone iphones smartphone headphone headphones microphone
        """,
    "person": """
        customer* client* cliente* kund* member* medlem* mitglied* account* konto* conta cuenta*
        compte* passenger* user* employee* adherent* socio* assinante
        """,
    "other": """
        order* invoice* track* parcel* package* shipment* shipping* consignment* waybill* ticket*
        case cases ref refs refer* booking* reserv* confirmation* polic* contract* receipt*
        payment* transaction* sku serial* imei* isbn* ean gtin* upc asin item* product* article*
        part model* batch* licens* licenc* key code codes version* build* commit* issue* flight*
        zip postcode* postal* po rma vin ups dhl fedex usps hermes dpd gls postnord timestamp*
        epoch* unix total* price* amount* sum balance* vat gps coord* latit* longit* uuid* guid*
        hash* session* request* trace* error* score* id ids incident* claim* quote voucher* coupon*
        barcode* lot delivery* bestall* faktur* kvitt* paket* forsand* kolli* sandning* spar sparn*
        arende* bokning* artikel* referens* serie* organisations* ocr diarie* leverans* ordre*
        bestil* pakke* forsend* sporing* sag sagen sags* vare varen* cvr levering* pedido*
        encomenda* fatura* factur* expedien* bug bugs sn bingo lotto lotter* keno nota rastre*
        protocolo* chamad* recibo* boleto* codigo* nif cnpj bestell* auftrag* rechnung* sendung*
        vorgang* buchung* vertrag* beleg* aktenzeichen* referenz* lieferung* commande* colis*
        suivi* envoi* dossier* contrat* recu article devis siret siren orden ordenes envio*
        paquete* seguimiento* guia* caso casos articulo* presupuesto* ssn social* cpf cpr personnu*
        pnr samordn* card* cartao cartoes tarjeta* carte cartes kort korte* kortn* karte* kredit*
        iban awb duty fraktsed* fragtbr* frachtbr* firmware* ust ustid*
        """,
    "reach": "nar na get message messa",
    "me": "me mig meg oss os",
    "unit": """
        kr sek dkk nok eur euro euros usd gbp chf jpy brl dollar dollars pounds yen reais kronor
        kroner st stk pcs views users followers bytes kb mb gb ms km kg tkr mkr
        """,
}
_STEM: Final = 4  # stems are found by their first letters; none is shorter
_EXACT: Final[dict[bytes, str]] = {}
_STEMS: Final[dict[bytes, list[tuple[tuple[bytes, ...], str]]]] = {}
for _kind, _listed in _TABLE.items():
    _stems: dict[bytes, tuple[bytes, ...]] = {}
    for _word in _listed.encode().split():
        if _word.endswith(b"*"):
            _stems[_word[:_STEM]] = (*_stems.get(_word[:_STEM], ()), _word[:-1])
        else:
            _EXACT[_word] = _kind
    for _letters, _alike in _stems.items():
        _STEMS.setdefault(_letters, []).append((_alike, _kind))

_LAST: Final = 2  # endings are found by their last letters; none is shorter


def _by_last_letters(endings: str) -> dict[bytes, tuple[bytes, ...]]:
    by_last: dict[bytes, tuple[bytes, ...]] = {}
    for ending in endings.encode().split():
        by_last[ending[-_LAST:]] = (*by_last.get(ending[-_LAST:], ()), ending)
    return by_last


_PHONE_ENDINGS: Final = _by_last_letters("phone telefon telefone mobile mobil handy")
_NUMBER_ENDINGS: Final = _by_last_letters("nummer nummern nummeret number nr")
_LETTERS_ALONE: Final = bytes(byte if 97 <= byte <= 122 else 32 for byte in range(256))

_LETTERS: Final = re.compile(r"[a-z]+|[^\W\d_a-z]+|[📞📱☎📲]")
_IDEOGRAPHS: Final = "一-鿿"
_UNSPACED_WORDS: Final = {
    # Scripts without spaces between words, or with articles and prepositions stuck to them.
    "phone": "電話|电话|手机|전화|휴대|핸드폰|телефон|звон|携帯|折り返し|ケータイ|スマホ"
    "|連絡先|ご連絡|ファックス|架電|直通|かけて|固定|📞|📱|☎|📲|هاتف|هواتف|جوال"
    "|موبايل|محمول|تلفون|تليفون|تلفن|تصل|تصال|كلمني|كلمنا|كلموني|راسلن|فاكس|واتس"
    "|تواصل|نقال|خلوي",
    "other": "注文|オーダー|請求|追跡|伝票|荷物|配送|配達|発送|予約|会員|顧客|お客様番号"
    "|商品|製品|品番|型番|口座|問い?合わ?せ|受付|受注|チケット|領収|管理|製造"
    f"|シリアル|案件|カード|ロット|契約|参照|郵便|整理|登録|[{_IDEOGRAPHS}]番号|طلب|فاتور"
    "|شحن|تتبع|حجز|تذكر|عميل|حساب|مرجع|منتج|إيصال|عقد|قضي|بلاغ|رمز|طرد|تسلسل|عضوي"
    "|وثيق|بطاق|معامل|بوليص|هوي",
    "number": "番号|号码|번호|ナンバー|رقم|أرقام",
    "unit": "円|ريال|درهم|جنيه|دينار",
}
_BEGINNINGS: Final = _IDEOGRAPHS + "".join(
    word[0] for words in _UNSPACED_WORDS.values() for word in words.split("|") if word[0] != "["
)
_UNSPACED: Final = re.compile(
    # Nearly every letter is turned down because no word begins with it.
    f"(?=[{_BEGINNINGS}])(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _UNSPACED_WORDS.items())
    + ")"
)
_ACCENTS: Final = str.maketrans(
    "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿß", "aaaaaaaceeeeiiiinoooooouuuuyys", ZERO_WIDTH
)
_ACCENT: Final = re.compile(f"[ß-ÿ{ZERO_WIDTH}]")
_LATIN_ACCENTS: Final = bytes(ord(chr(byte).translate(_ACCENTS)) for byte in range(256))
# A pattern that begins with a set of characters is searched for faster.
_THOUGHT_ENDS: Final = re.compile(
    r"[!?\n.,](?:(?<=[!?])|(?<=\n)(?<![:#]\n)|(?<=\w{5}\.)(?<!nr\.)\s|(?<=,)\s)"
)
_AFTER_ENDS: Final = re.compile(r'[.!?;{}&\n0-9+,](?:(?<!,)|\s?")')
_DIGIT: Final = re.compile(f"[0-9{CARD_COVER}]")
_LONG_NUMBER: Final = re.compile(
    # Six characters or more that are no date; or what is left of a number that was masked.
    r"(?<![0-9])(?<![0-9][.\-/])(?!(?:[0-9]{1,4}([.\-/])[0-9]{1,2}\1[0-9]{1,4})(?![0-9]))"
    rf"[0-9][0-9 .\-]{{4,}}[0-9]|\*{{3,}}[0-9.\-]{{4}}|{CARD_COVER}{{8,}}"
)
_NUMBER: Final = re.compile("n[a-z]*|番号")
_NAMED: Final = ("number", "nr")
_WORD_BEFORE: Final = re.compile(r"([a-z]+)\.? \Z")
_NO_NAMES_LISTED: Final = """
    my our your his her their its this that the a an new old other another second alternate main
    direct work home office business private personal local international best right correct uk us
    american british swedish danish german french spanish portuguese brazilian japanese arabic
    indian australian canadian irish norwegian finnish dutch same which what following of at on is
    ok okay yes yeah sure hi hello hey so well here also oh back
    and emergency daytime evening backup spare temporary current valid wrong mitt mit min mein meine
    pa unter auf under til to with from for or dit ditt din call
    """
_NO_NAMES: Final = frozenset(_NO_NAMES_LISTED.split())
_UNITS: Final = "|".join(_TABLE["unit"].split())
_SUM_BEFORE: Final = re.compile(r"[€$£¥₹〒]\s?$")
_SUM_AFTER: Final = re.compile(rf"\s?[€$£¥₹%]|,-|:-|\s{{0,2}}(?:{_UNITS})(?![a-z])")
_ABOUT: Final = re.compile(
    r"(?:(?<![a-z])(?:about|regarding|concerning|sobre|wegen|angaende|vedrorende|om|pour|por)"
    r"|بخصوص|بشأن)[ :]{1,2}\Z"
)
_ABOUT_BEHIND: Final = ("の件", " の件", "について")
_SIGNS: Final = 3  # characters in which the sign of a currency stands before its sum
_CURRENCIES: Final = frozenset("€$£¥₹〒")


_OPEN: Final = frozenset({"number", "person", "reach", "me"})
"""What the word before decides on: it tells nothing by itself."""

_Word = tuple[str, int, int]
"""What a telling word speaks of, and where it starts and ends in the slice."""


def says(view: str, start: int, end: int) -> Says:
    """Tell what the words around ``view[start:end]`` say it is; the nearer word is believed."""
    before = _plain(view[max(0, start - _BEFORE) : start])
    after = _whole(_plain(view[end : end + _AFTER + 1]), _AFTER)
    is_sum = view[start] != "0"
    if is_sum and (_ends_in_currency(before[-_SIGNS:]) or (after and _SUM_AFTER.match(after))):
        return "other"
    if start > _BEFORE and view[start - _BEFORE - 1].isalpha():
        before = before.lstrip(ascii_lowercase)  # the end of a word may be another word
    said, distance = _before(before, is_sum=is_sum)
    if said:  # what follows would have to be nearer
        after = _whole(after, max(0, distance - _AFTERTHOUGHT))
    told = (_after(after) if after else "") or said
    return "" if told == "phone" and _is_subject(before, after) else told


def _whole(text: str, end: int) -> str:
    """Answer ``text`` up to ``end``, without a word that would be cut in two."""
    cut = text[:end]
    return cut.rstrip(ascii_lowercase) if text[end : end + 1].isalpha() else cut


def _is_subject(before: str, after: str) -> bool:
    """Tell that a call is about the number between, and not to it."""
    return _ABOUT.search(before) is not None or after.startswith(_ABOUT_BEHIND)


def _ends_in_currency(text: str) -> bool:
    return not _CURRENCIES.isdisjoint(text) and _SUM_BEFORE.search(text) is not None


def _before(text: str, *, is_sum: bool) -> tuple[Says, int]:
    """Answer what the last telling word of ``text`` says, and how far from the end it is."""
    taken = -1
    is_over = False  # another thing was named and done with: only a phone further on counts
    for kind, start, end in _told(text):
        taken = _taken(text) if taken < 0 else taken
        distance = len(text) - end
        if start < taken:
            break
        if kind == "phone":
            return "phone", distance
        if kind == "unit":
            if is_sum and distance <= _BESIDE:
                return "other", distance
        elif not is_over:
            if distance <= _OTHER_REACH and not _THOUGHT_ENDS.search(text, end):
                return "other", distance
            is_over = True
    return "", 0


def _taken(text: str) -> int:
    """Answer where the last long number in ``text`` ends: words before it speak of that one."""
    if _DIGIT.search(text) is None:
        return 0
    return max((match.end() for match in _LONG_NUMBER.finditer(text)), default=0)


def _after(text: str) -> Says:
    """Answer what the first telling word of ``text`` says.

    A word with digits right after it speaks of those.
    """
    stop = _AFTER_ENDS.search(text)
    told = _told(text[: stop.start()] if stop else text)
    words = [word for word in told if word[0] != "unit"][::-1]
    if stop and words and (stop[0].isdigit() or stop[0] == "+"):
        is_of_next = not text[words[-1][2] : stop.start()].strip(' :="(')
        words = words[:-1] if is_of_next else words
    if not words:
        return ""
    kind, start, end = words[0]
    is_named = len(words) > 1 and words[1][0] == "other" and _NUMBER.fullmatch(text, start, end)
    return "phone" if kind == "phone" and not is_named else "other"  # "the number of my order"


def _plain(text: str) -> str:
    text = text.lower().replace("s/n", "sn ")
    if text.isascii():
        return text
    latin = text.encode("latin-1", "ignore")
    if len(latin) == len(text):
        return latin.translate(_LATIN_ACCENTS).decode("latin-1")
    return text.translate(_ACCENTS) if _ACCENT.search(text) else text


def _told(text: str) -> Iterator[_Word]:
    """Yield the telling words of ``text``, the last one first.

    A number is a phone's, unless it is of something else.
    """
    open_word: _Word | None = None  # it depends on the word before it what it tells
    for word in _spoken_plainly(text) if text.isascii() else _spoken(text):
        kind = word[0]
        if open_word is not None:
            said = _said(text, open_word, kind)
            if said:
                yield said, *open_word[1:]
        open_word = word if kind in _OPEN else None
        if kind and open_word is None:
            yield word
    if open_word is not None and (said := _said(text, open_word, "")):
        yield said, *open_word[1:]


def _said(text: str, word: _Word, previous: str) -> str:
    """Answer what ``word`` speaks of after a word of the kind ``previous``."""
    kind, start, _ = word
    if kind == "number":
        is_named = not previous and _names_a_number(text, start)
        return "other" if is_named or previous in {"other", "person"} else "phone"
    if kind == "person":
        return "other" if previous == "number" else ""
    return "phone" if kind == "me" and previous == "reach" else ""  # "du når mig på"


def _spoken_plainly(text: str) -> Iterator[_Word]:
    """Yield what each word of ASCII speaks of, the last one first, but for those that join.

    Of those that speak of nothing, the ones that stand before an open word.
    """
    letters = text.encode().translate(_LETTERS_ALONE)
    end = len(letters)
    is_open = False
    for word in letters.split(b" ")[::-1]:
        start = end - len(word)
        if word and (kind := _kind_of(word)) != "of":
            if kind or is_open:
                yield kind, start, end
            is_open = kind in _OPEN
        end = start - 1


def _spoken(text: str) -> Iterator[_Word]:
    """Yield what each word speaks of, the last one first, but for those that only join others."""
    length = len(text)
    for match in _LETTERS.finditer(text[::-1]):  # read backwards, until the first that tells
        word = match[0][::-1]
        start = length - match.end()
        if word.isascii():
            kind = _kind_of(word.encode())
            if kind != "of":
                yield kind, start, length - match.start()
        else:
            for inner in reversed([*_UNSPACED.finditer(word)]):
                yield inner.lastgroup or "", start + inner.start(), start + inner.end()


def _names_a_number(text: str, start: int) -> bool:
    """Tell whether the word before ``start`` names what is numbered ("seat number", "org.nr")."""
    if text[start - 1 : start] in {".", "-", "/"}:
        return True
    word = _WORD_BEFORE.search(text, 0, start) if text.startswith(_NAMED, start) else None
    return word is not None and word[1] not in _NO_NAMES


def _kind_of(word: bytes) -> str:
    """Answer what an ASCII word in small letters speaks of, or how it begins and ends."""
    kind = _EXACT.get(word)
    if kind is not None or len(word) < _STEM:
        return kind or ""
    last = word[-_LAST:]
    if (endings := _PHONE_ENDINGS.get(last)) and word.endswith(endings):
        return "phone"
    numbers = _NUMBER_ENDINGS.get(last, ())
    for stems, stem_kind in _STEMS.get(word[:_STEM], ()):
        if word.startswith(stems):
            is_compound = stem_kind == "person" and word.endswith(numbers)
            return "other" if is_compound else stem_kind
    return "other" if numbers and len(word) > _STEM and word.endswith(numbers) else ""


def is_beside(words: re.Pattern[str], view: str, span: tuple[int, int]) -> bool:
    """Tell whether one of ``words``, in small letters, stands before or after ``span``."""
    start, end = span
    around = f"{view[max(0, start - _BEFORE) : start]}\n{view[end : end + _AFTER]}"
    return words.search(around.lower()) is not None
