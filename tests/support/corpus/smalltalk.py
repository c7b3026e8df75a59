"""Ordinary chat in nine languages, with dates, times, order numbers and amounts in it."""

import random
from collections.abc import Iterator
from typing import Final

from tests.support.corpus.row import LANGUAGES, Row, Said, drawn, pick

ROWS: Final = 1_200

TALK: Final = {
    "en": (
        "Hi, where is my order {order}?",
        "I ordered {n} chairs on {date} and only {few} came.",
        "Could you deliver between {time} and {time}?",
        "The total was {amount} but I was charged twice.",
        "Thanks a lot, have a nice day!",
        "Is the shop in {city} open on Sundays?",
        "My name is {name} and I live in {city}.",
        "The lamp has been flickering since {date}.",
        "Do you have it in size {few}?",
        "I returned it {few} weeks ago, when do I get my money back?",
        "The app says error {n}, what does that mean?",
        "Please change the delivery to {date}, any time after {time}.",
        "It was {n} degrees outside and the parcel was left in the sun",
        "no, the blue one",
        "ok, I'll wait",
        "Can I pay in {few} instalments of {amount}?",
    ),
    "sv": (
        "Hej, var är min order {order}?",
        "Jag beställde {n} stolar den {date} men fick bara {few}.",
        "Kan ni leverera mellan {time} och {time}?",
        "Summan var {amount} men det drogs två gånger.",
        "Tack så mycket, ha en fin dag!",
        "Har butiken i {city} öppet på söndagar?",
        "Jag heter {name} och bor i {city}.",
        "Lampan har blinkat sedan {date}.",
        "Finns den i storlek {few}?",
        "Jag skickade tillbaka den för {few} veckor sedan, när får jag pengarna?",
        "Appen visar fel {n}, vad betyder det?",
        "Ändra leveransen till {date} efter {time} tack",
        "nej, den blå",
    ),
    "da": (
        "Hej, hvor er min ordre {order}?",
        "Jeg bestilte {n} stole den {date}, men fik kun {few}.",
        "Kan I levere mellem {time} og {time}?",
        "Beløbet var {amount}, men det blev trukket to gange.",
        "Mange tak, og god dag!",
        "Har butikken i {city} åbent om søndagen?",
        "Jeg hedder {name} og bor i {city}.",
        "Lampen har blinket siden {date}.",
        "Findes den i størrelse {few}?",
        "Jeg sendte den retur for {few} uger siden.",
        "Appen viser fejl {n}, hvad betyder det?",
        "nej, den blå",
    ),
    "pt": (
        "Olá, onde está a minha encomenda {order}?",
        "Pedi {n} cadeiras em {date} e só vieram {few}.",
        "Podem entregar entre as {time} e as {time}?",
        "O total foi {amount}, mas cobraram duas vezes.",
        "Muito obrigado, bom dia!",
        "A loja de {city} abre ao domingo?",
        "O meu nome é {name} e moro em {city}.",
        "A lâmpada está a piscar desde {date}.",
        "Tem no tamanho {few}?",
        "Devolvi há {few} semanas, quando recebo o dinheiro?",
        "O aplicativo mostra o erro {n}, o que significa?",
        "não, o azul",
    ),
    "de": (
        "Hallo, wo ist meine Bestellung {order}?",
        "Ich habe am {date} {n} Stühle bestellt, aber nur {few} kamen.",
        "Können Sie zwischen {time} und {time} liefern?",
        "Der Betrag war {amount}, wurde aber zweimal abgebucht.",
        "Vielen Dank und einen schönen Tag!",
        "Hat der Laden in {city} sonntags auf?",
        "Ich heiße {name} und wohne in {city}.",
        "Die Lampe flackert seit dem {date}.",
        "Gibt es das in Größe {few}?",
        "Ich habe es vor {few} Wochen zurückgeschickt.",
        "Die App zeigt Fehler {n}, was bedeutet das?",
        "nein, das blaue",
    ),
    "fr": (
        "Bonjour, où est ma commande {order} ?",
        "J'ai commandé {n} chaises le {date}, mais {few} seulement sont arrivées.",
        "Pouvez-vous livrer entre {time} et {time} ?",
        "Le total était de {amount}, mais débité deux fois.",
        "Merci beaucoup, bonne journée !",
        "Le magasin de {city} est-il ouvert le dimanche ?",
        "Je m'appelle {name} et j'habite à {city}.",
        "La lampe clignote depuis le {date}.",
        "Vous l'avez en taille {few} ?",
        "Je l'ai renvoyé il y a {few} semaines.",
        "L'application affiche l'erreur {n}.",
        "non, le bleu",
    ),
    "es": (
        "Hola, ¿dónde está mi pedido {order}?",
        "Pedí {n} sillas el {date} y solo llegaron {few}.",
        "¿Pueden entregar entre las {time} y las {time}?",
        "El total era {amount}, pero lo cobraron dos veces.",
        "¡Muchas gracias, buen día!",
        "¿La tienda de {city} abre los domingos?",
        "Me llamo {name} y vivo en {city}.",
        "La lámpara parpadea desde el {date}.",
        "¿Lo tienen en talla {few}?",
        "Lo devolví hace {few} semanas.",
        "La aplicación muestra el error {n}, ¿qué significa?",
        "no, el azul",
    ),
    "ja": (
        "こんにちは、注文{order}はどこですか？",
        "{date}に椅子を{n}脚注文しましたが、{few}脚しか届きません。",
        "{time}から{time}の間に配達できますか？",
        "合計は{amount}でしたが、二重に請求されました。",
        "ありがとうございます。よい一日を！",
        "{city}の店は日曜日も開いていますか？",
        "{name}と申します。{city}に住んでいます。",
        "{date}からランプが点滅しています。",
        "サイズ{few}はありますか？",
        "{few}週間前に返品しました。",
        "アプリにエラー{n}と出ます。",
        "いいえ、青い方です",
    ),
    "ar": (
        "مرحبا، أين طلبي {order}؟",
        "طلبت {n} كرسيا في {date} ووصل {few} فقط.",
        "هل يمكنكم التوصيل بين {time} و {time}؟",
        "المجموع كان {amount} لكن تم الخصم مرتين.",
        "شكرا جزيلا، يوما سعيدا!",
        "هل المتجر في {city} مفتوح يوم الأحد؟",
        "اسمي {name} وأسكن في {city}.",
        "المصباح يومض منذ {date}.",
        "هل يوجد مقاس {few}؟",
        "أرجعته قبل {few} أسابيع.",
        "التطبيق يظهر الخطأ {n}.",
        "لا، الأزرق",
    ),
}

NAMES: Final = ("Anna", "João", "Ben", "Yuki", "Fatima", "Pierre", "Lea", "Carlos", "Mette", "Sven")
CITIES: Final = (
    "Lund",
    "Porto",
    "Leeds",
    "Osaka",
    "Dubai",
    "Lyon",
    "Köln",
    "Sevilla",
    "Aarhus",
    "Boston",
)
ORDERS: Final = ("N####", "N######", "N#######", "A-N####", "#N####", "2026-#####", "SO-N######")
AMOUNTS: Final = (
    "N## kr",
    "1 N## kr",
    "€N#,##",
    "N.N##,00 €",
    "$1,N##.00",
    "£N#.##",
    "R$ N##,90",
    "¥N,###",
)
DATES: Final = (
    "{d}/{m}",
    "{d}.{m}.2026",
    "2026-{m}-{d}",
    "{d}/{m}/2026",
    "{d}-{m}-26",
    "{m}/{d}/2026",
)


def date(chance: random.Random) -> str:
    """A day as somewhere written."""
    day, month = f"{chance.randint(1, 28):02}", f"{chance.randint(1, 12):02}"
    return pick(chance, DATES).format(d=day, m=month)


def time(chance: random.Random) -> str:
    """A time of day as somewhere written."""
    return (
        f"{chance.randint(7, 22)}{pick(chance, (':', '.', ':'))}{pick(chance, ('00', '15', '30'))}"
    )


def sentence(chance: random.Random, language: str) -> str:
    """Something an ordinary customer says."""
    template = pick(chance, TALK[language])
    while "{time}" in template:
        template = template.replace("{time}", time(chance), 1)
    return template.format(
        order=drawn(chance, pick(chance, ORDERS)),
        n=chance.randint(2, 900),
        few=chance.randint(2, 48),
        date=date(chance),
        amount=drawn(chance, pick(chance, AMOUNTS)),
        name=pick(chance, NAMES),
        city=pick(chance, CITIES),
    )


def benign(chance: random.Random) -> Iterator[Row]:
    """Ordinary messages; every tenth row is two sentences."""
    for number in range(ROWS):
        language = LANGUAGES[number % len(LANGUAGES)]
        text = sentence(chance, language)
        if number % 10 == 0:
            text += " " + sentence(chance, language)
        yield Row(
            id=f"benign-none-{number:04}",
            kind="none",
            group="benign",
            language=language,
            said=(Said("customer", text),),
        )
