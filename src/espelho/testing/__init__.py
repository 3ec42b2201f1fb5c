"""The laws that every model obeys, for those who write a model of their own."""

from espelho.testing.errors import LawError
from espelho.testing.plan import check_plan

__all__ = ["LawError", "check_plan"]
