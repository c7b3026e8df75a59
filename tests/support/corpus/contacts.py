"""Addresses and phone numbers as people write them, with the numbering plans they come from."""

import random
from typing import Final

from tests.support.corpus.row import Written, drawn, pick

NATIONAL: Final = {
    # as written at home; N is 2 to 9, # any digit
    "en": (
        "(NN#) NN#-####",
        "NN#-NN#-####",
        "NN# NN# ####",
        "NN#.NN#.####",
        "1-NN#-NN#-####",
        "07N## ######",
        "07### ### ###",
        "020 7### ####",
        "04## ### ###",
        "(02) 9### ####",
        "NN#NN#####",
        "98### #####",
    ),
    "sv": (
        "070-### ## ##",
        "073 ### ## ##",
        "076#######",
        "0N-### ### ##",
        "0N1-## ## ##",
        "072-#######",
    ),
    "da": ("20 ## ## ##", "31######", "40 ### ###", "53 ## ## ##", "2# ## ## ##"),
    "pt": (
        "(11) 9####-####",
        "11 9####-####",
        "(21) 3###-####",
        "119########",
        "912 ### ###",
        "96#######",
        "21 #######",
        "(48) 9 ####-####",
    ),
    "de": (
        "0171 #######",
        "0151/########",
        "030 ########",
        "0176-########",
        "089/######",
        "(040) ### ## ##",
    ),
    "fr": ("06 ## ## ## ##", "07########", "01.##.##.##.##", "06-##-##-##-##", "04 ## ## ## ##"),
    "es": ("6## ## ## ##", "6########", "91 ### ## ##", "7## ### ###", "93#######", "55 #### ####"),
    "ja": (
        "090-####-####",
        "080########",
        "03-####-####",
        "0N-####-####",
        "070-####-####",
        "0120-###-###",
    ),
    "ar": (
        "050 ### ####",
        "055#######",
        "010########",
        "011 #### ####",
        "0791 ######",
        "04 ### ####",
    ),
}

INTERNATIONAL: Final = (
    "+1 (NN#) NN#-####",
    "+1 NN#-NN#-####",
    "+1NN#NN#####",
    "+44 7N## ######",
    "+447#########",
    "0044 7### ######",
    "+46 70 ### ## ##",
    "+46 (0)70-### ## ##",
    "+4673#######",
    "0046 8 ### ### ##",
    "+45 20 ## ## ##",
    "+4531######",
    "+47 9## ## ###",
    "+358 40 #######",
    "+49 171 #######",
    "+49 (0) 30 ########",
    "0049 151 ########",
    "+33 6 ## ## ## ##",
    "+336########",
    "0033 1 ## ## ## ##",
    "+34 6## ### ###",
    "+3491#######",
    "+351 91# ### ###",
    "+55 11 9####-####",
    "+55 (21) 9####-####",
    "+5511#########",
    "+81 90-####-####",
    "+81-3-####-####",
    "+819########",
    "+966 50 ### ####",
    "+96655#######",
    "+20 10 #### ####",
    "+971 50 ### ####",
    "+962 79 ### ####",
    "+212 6## ######",
    "+91 98### #####",
    "+86 138 #### ####",
    "+82 10-####-####",
    "+61 4## ### ###",
    "+27 82 ### ####",
    "+39 3## ### ####",
    "+31 6 ########",
    "+41 79 ### ## ##",
    "+43 664 #######",
    "+48 5## ### ###",
    "+7 9## ###-##-##",
    "+90 5## ### ## ##",
    "+972 50-###-####",
    "+353 87 ### ####",
    "+32 47# ## ## ##",
    "+54 9 11 ####-####",
    "+52 55 #### ####",
    "+65 9### ####",
    "+ 1 (NN#) NN# ####",
)

LOCALS: Final = (
    "melissa",
    "anna.svensson",
    "joao_pereira",
    "k.mueller",
    "pierre-yves",
    "carlos1987",
    "yuki.tanaka",
    "fatima.alsayed",
    "info",
    "o'brien",
    "lena+shop",
    "x.y.zed",
    "support-team",
    "bjorn",
    "maria.jose.garcia",
    "h2o",
    "kontakt",
    "sofie.hansen89",
    "ahmed",
    "first.last",
    "nguyen",
    "q",
)
DOMAINS: Final = (
    "gmail.com",
    "outlook.com",
    "hotmail.co.uk",
    "telia.se",
    "yahoo.co.jp",
    "web.de",
    "orange.fr",
    "uol.com.br",
    "correo.es",
    "mail.example.org",
    "jubii.dk",
    "emirates.ae",
    "proton.me",
    "company.museum",
    "cs.dtu.dk",
    "the-store.io",
)


def national_phone(chance: random.Random, language: str) -> Written:
    """A number as written at home, where ``language`` is spoken."""
    return phone_of(drawn(chance, pick(chance, NATIONAL[language])))


def world_phone(chance: random.Random) -> Written:
    """A number with its country in front."""
    return phone_of(drawn(chance, pick(chance, INTERNATIONAL)))


def phone(chance: random.Random, language: str) -> Written:
    """A number at home or abroad."""
    return national_phone(chance, language) if chance.random() < 0.5 else world_phone(chance)


def phone_of(text: str) -> Written:
    """``text`` as a phone number."""
    return Written("phone", text, "".join(filter(str.isdigit, text)))


def email(chance: random.Random) -> Written:
    """An address; its value is the local part."""
    local = pick(chance, LOCALS)
    if chance.random() < 0.3:
        local += str(chance.randint(1, 99))
    if chance.random() < 0.15:
        local = local.title()
    return Written("email", f"{local}@{pick(chance, DOMAINS)}", local)
