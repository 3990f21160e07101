"""``measure.v1``: a measured number of the conversation (docs/signals.md) against limits."""

from typing import ClassVar

from pydantic import Field

from scorecards.checks.base import Check, Context
from scorecards.checks.counting import within
from scorecards.findings import Finding, cannot_say
from scorecards.messages import say


class MeasureCheck(Check):
    """Holds where the signal lies within the limits; unscored where the recording does not give it."""

    title: ClassVar[str] = "measure.v1"

    signal: str = Field(min_length=1, max_length=100, description="name of the signal")
    at_most: float | None = Field(default=None, description="holds up to this value")
    at_least: float | None = Field(default=None, description="holds from this value")

    def run(self, context: Context) -> Finding:
        value = context.call.conversation.signals.get(self.signal)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return cannot_say(say("no_signal", context.language, what=self.signal))
        return within(float(value), self.at_most, self.at_least, (), whole=isinstance(value, int))
