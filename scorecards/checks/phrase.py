"""``phrase.v1``: words that the card itself lists, tolerant of inflection and recognition errors."""

from functools import lru_cache
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from recordings import Role
from scorecards.checks.base import SURE_ABSENT, Check, Context, Where
from scorecards.findings import Finding
from scorecards.messages import say
from scorecards.phrases import Near, PhraseBook, PhraseEntry, Place
from scorecards.results import Evidence


class PhraseCheck(Check):
    """Holds where one of the phrases is said by ``role``. Keys as in a phrase file (docs/scorecards.md)."""

    title: ClassVar[str] = "phrase.v1"

    phrases: tuple[str, ...] = Field(default=(), description="tolerant phrases")
    exact: tuple[str, ...] = Field(default=(), description="phrases word for word")
    patterns: tuple[str, ...] = Field(default=(), description="regular expressions over the plain text")
    allow: tuple[str, ...] = Field(
        default=(), description="phrases or /patterns/ that cancel an overlapping hit"
    )
    role: Role | Literal["any"] = Field(default="agent", description="whose words count")
    where: Where | None = Field(default=None, description="only in the first or last turns of that role")
    near: Near | None = Field(default=None, description="only near a turn with this act")

    @field_validator("where")
    @classmethod
    def _one_side(cls, value: Where | None) -> Where | None:
        if value is not None and value.first is None and value.last is None:
            raise ValueError("where needs first or last")
        return value

    @model_validator(mode="after")
    def _is_an_entry(self) -> Self:
        self.entry()
        return self

    def run(self, context: Context) -> Finding:
        book = _book(self.entry(), context.language)
        found = book.find_in(context.call.conversation, context.call.conversation.acts or ())
        sure = [f for f in found if not f.turn.doubtful]
        p = max((f.hit.probability for f in sure), default=SURE_ABSENT)
        evidence = tuple(
            Evidence(
                turn=f.turn.index,
                start=f.as_act().start,
                end=f.as_act().end,
                text=f.hit.text,
                rule=f"phrase: {f.hit.rule}",
                why=say("done", context.language, what=f.hit.rule),
            )
            for f in sure
        )
        return Finding(p=p, passing=evidence)

    def entry(self) -> PhraseEntry:
        """The check as an entry of the phrase matcher."""
        place = None if self.where is None else Place(first=self.where.first, last=self.where.last)
        return PhraseEntry(
            act="phrase",
            phrases=self.phrases,
            exact=self.exact,
            patterns=self.patterns,
            allow=self.allow,
            role=self.role,
            place=place,
            near=self.near,
        )


@lru_cache(maxsize=1_000)
def _book(entry: PhraseEntry, language: str) -> PhraseBook:
    return PhraseBook((entry,), language)
