"""Who is next, for whom, and how long will it take?

Knows waiting lines, priority, skills and strategies; never agents' states, conversations, sockets.
"""

from queues.estimate import Pace, estimate_ms
from queues.match import Floor, Pair, Why
from queues.model import Demand, Rank, Readiness, Skills, Strategy, Supply, sorted_skills

__all__ = [
    "Demand",
    "Floor",
    "Pace",
    "Pair",
    "Rank",
    "Readiness",
    "Skills",
    "Strategy",
    "Supply",
    "Why",
    "estimate_ms",
    "sorted_skills",
]
