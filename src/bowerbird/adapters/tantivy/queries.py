"""What is asked in the port's words, as tantivy is asked it."""

import re
from collections.abc import Callable
from typing import Final

from tantivy import FieldType, Occur, Schema, TextAnalyzer
from tantivy import Query as Asked

from bowerbird.adapters.tantivy.schema import FIELDS, START_MAX, STEM, reader_tag
from bowerbird.base.ids import Id
from bowerbird.ports.textindex import Form, Query, Want

_TIE: Final = 0.1
"""What the second-best field of a word adds to the best."""
_OPERATORS: Final = re.compile(r"[.?+*|(){}\[\]\\^$#&~-]")

Score = Callable[[Asked, float], Asked]


class Queries:
    """Builds what tantivy is asked. `stemmer`: the analyzer of the field "stem"."""

    def __init__(self, schema: Schema, stemmer: TextAnalyzer) -> None:
        self._schema = schema
        self._stemmer = stemmer
        self._making: dict[str, Callable[[Form, Score], Asked]] = {
            "word": lambda form, score: self._word(form.tokens[0], score),
            "begins": lambda form, score: score(self._begins("all", form.tokens[0]), 1.0),
            "ends": lambda form, score: score(self._begins("back", form.tokens[0][::-1]), 1.0),
            "named": lambda form, score: score(self._named(form.tokens[0]), 1.0),
            "near": lambda form, score: score(self._near(form), 1.0),
            "phrase": self._phrase,
        }

    def shared(self, query: Query) -> Asked:
        """Return what the shared part is asked: words score by how seldom they are, and how often here."""
        return self._all(query, lambda _want: Asked.boost_query, ())

    def own(self, query: Query, reader: Id) -> Asked:
        """Return what is asked for one reader: each thing wanted scores its own weight, whatever others have."""
        return self._all(query, _weighing, (reader_tag(reader),))

    def tag(self, tag: str) -> Asked:
        """Return what finds documents with a tag."""
        return Asked.term_query(self._schema, "tags", tag, "basic")

    def _all(self, query: Query, scoring: Callable[[Want], Score], tags: tuple[str, ...]) -> Asked:
        parts = [(Occur.Must, self._want(want, scoring(want))) for want in query.wants]
        parts += [(Occur.Must, Asked.const_score_query(self.tag(tag), 0.0)) for tag in (*query.tags, *tags)]
        if query.since is not None or query.until is not None:
            parts.append((Occur.Must, Asked.const_score_query(self._between(query.since, query.until), 0.0)))
        parts += [(Occur.MustNot, self._want(want, Asked.boost_query)) for want in query.without]
        if not any(occur is Occur.Must for occur, _ in parts):
            parts.append((Occur.Must, Asked.exists_query("at")))  # which the document of offsets has not
        return Asked.boolean_query(parts)

    def _want(self, want: Want, score: Score) -> Asked:
        forms = [self._making[form.how](form, _times(score, form.boost)) for form in want.forms]
        return forms[0] if len(forms) == 1 else Asked.disjunction_max_query(forms, _TIE)

    def _word(self, token: str, score: Score) -> Asked:
        """Require the stem, which whatever has the word has: one list to go along instead of the union of five."""
        stem = "".join(self._stemmer.analyze(token))
        parts = [(Occur.Must, score(Asked.term_query(self._schema, "stem", stem, "freq"), STEM))]
        for field, worth in FIELDS.items():
            parts.append((Occur.Should, score(Asked.term_query(self._schema, field, token, "freq"), worth)))
        return Asked.boolean_query(parts)

    def _phrase(self, form: Form, score: Score) -> Asked:
        if len(form.tokens) == 1:
            exact = [(Asked.term_query(self._schema, field, form.tokens[0]), worth) for field, worth in FIELDS.items()]
        else:
            tokens: list[str | tuple[int, str]] = [*form.tokens]
            exact = [(Asked.phrase_query(self._schema, field, tokens), worth) for field, worth in FIELDS.items()]
        return Asked.disjunction_max_query([score(query, worth) for query, worth in exact], _TIE)

    def _near(self, form: Form) -> Asked:
        return Asked.fuzzy_term_query(self._schema, "all", form.tokens[0], form.slips)

    def _named(self, token: str) -> Asked:
        if len(token) > START_MAX:
            return self._begins("name", token)
        return Asked.const_score_query(Asked.term_query(self._schema, "starts", token, "basic"), 1.0)

    def _begins(self, field: str, token: str) -> Asked:
        return Asked.regex_query(self._schema, field, f"{_escaped(token)}.*")

    def _between(self, since: int | None, until: int | None) -> Asked:
        return Asked.range_query(self._schema, "at", FieldType.Integer, since, until, include_upper=until is None)


def _weighing(want: Want) -> Score:
    return lambda query, worth: Asked.const_score_query(query, worth * want.weight)


def _times(score: Score, boost: float) -> Score:
    return lambda query, worth: score(query, worth * boost)


def _escaped(token: str) -> str:
    return _OPERATORS.sub(r"\\\g<0>", token)
