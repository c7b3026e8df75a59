"""A corpus that judges masking: 7 600 generated rows in nine languages, the same for one seed.

Positives say where what must not survive stands, negatives must come out as they went in. Written
from what people write, not from what the detectors do, so that it can judge any detector.
"""

import random

from tests.support.corpus.adversarial import adversarial
from tests.support.corpus.conversations import conversations
from tests.support.corpus.harmless import harmless
from tests.support.corpus.positives import glued, plain
from tests.support.corpus.row import Row
from tests.support.corpus.smalltalk import benign

SEED = 20_261_122


def corpus(seed: int = SEED) -> list[Row]:
    """Every row, in one order for one ``seed``."""
    parts = (plain, glued, adversarial, conversations, harmless, benign)
    return [row for part in parts for row in part(random.Random(f"{part.__name__} {seed}"))]
