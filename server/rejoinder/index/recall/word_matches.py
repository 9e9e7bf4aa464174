"""Which passages may hold what a query wants word by word: found by tokens, and looked at where they are shown."""

from collections.abc import Iterable, Sequence
from functools import cached_property, reduce

import attrs
import numpy as np

from rejoinder.domain.tokens import tokens_for_parts, unspaced_pairs
from rejoinder.domain.word_query import Matching, Word, WordQuery
from rejoinder.index.postings import Flags, Ints, Postings
from rejoinder.index.recall.beginnings import Beginnings
from rejoinder.index.recall.columns import Columns
from rejoinder.index.recall.database import RecallDatabase
from rejoinder.index.recall.words import hash_of

_MOST_FORMS = 1000
"""Words that begin so, of which each is looked up; where there are more, nearly every message has one."""


@attrs.define(eq=False, slots=False)
class WordMatches:
    """Narrows passages down by words. A long message is several passages, and is one text here."""

    postings: Postings
    columns: Columns
    beginnings: Beginnings
    database: RecallDatabase

    def narrowed(self, query: WordQuery, allowed: Flags) -> Flags:
        """Those of the allowed rows whose text may hold all that is wanted; what is left out does not."""
        unit, found = self.columns["unit"], allowed
        for word in (word for wanted in query.wanted for word in wanted.words):
            if (rows := self.rows_of(word)) is not None:
                having = np.zeros(self.columns.end, np.bool_)
                having[unit[rows[allowed[rows]]]] = True
                found = found & having[unit]
        return found

    def rows_of(self, word: Word) -> Ints | None:
        """The rows that may hold a word; None where that cannot be told."""
        if (pairs := unspaced_pairs(word.whole)) is not None:
            return self._of_all(pairs) if pairs else None
        if not word.begun:
            either, each = tokens_for_parts(word.parts)
            return _together([*map(self._of_token, either), *([self._of_all(each)] if len(each) > 1 else [])])
        forms = self.beginnings.of(word.whole, self.database)
        if len(forms) > _MOST_FORMS:
            return None
        tokens = {token for form in forms for token in tokens_for_parts((form,))[0]}
        found = list(map(self._of_token, tokens))
        if len(word.parts) > 1:
            found.append(self._of_all(tokens_for_parts(word.parts[:-1])[1]))
        return _together(found)

    def rows_of_beginnings(self, query: WordQuery) -> list[Ints]:
        """For each beginning of a word that is wanted the rows that may hold it, each once."""
        begun = [word for wanted in query.wanted for word in wanted.words if word.begun]
        found = [self.rows_of(word) for word in begun]
        return [np.arange(self.columns.end, dtype=np.int32) if rows is None else np.unique(rows) for rows in found]

    def fitting(self, query: Matching, ids: Sequence[int]) -> set[int]:
        """Those of some passages whose whole text fits the query."""
        rows = self.columns.rows_of(ids)
        cut = {int(number) for number in self.columns["id"][rows[self._is_cut[rows]]]}
        texts = self.database.texts([number for number in ids if number not in cut])
        texts.update(self.database.whole_texts(list(cut)))
        return {number for number, text in texts.items() if query.fits(text)}

    @cached_property
    def _is_cut(self) -> Flags:
        """Which rows are pieces of a message of several."""
        unit = self.columns["unit"]
        several: Flags = (np.bincount(unit, minlength=self.columns.end) > 1)[unit]
        return several

    def _of_token(self, token: str) -> Ints:
        return _together(rows for rows, _ in self.postings.of(hash_of(token)))

    def _of_all(self, tokens: Iterable[str]) -> Ints:
        return reduce(np.intersect1d, map(self._of_token, tokens))


def _together(pieces: Iterable[Ints]) -> Ints:
    held = list(pieces)
    return np.concatenate(held) if held else np.zeros(0, np.int32)
