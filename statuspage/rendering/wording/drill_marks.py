"""Whether the words of a notice carry the marks of their world at every place where somebody may read them."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.domain import EnvironmentMarks, NoticeText, Sentence


def unmarked(words: NoticeText, marks: EnvironmentMarks) -> tuple[str, ...]:
    """The places that lack a mark at one of their ends; none in a world without marks, or when all is well."""
    if not marks.word:
        return ()
    texts = {"title": words.title, "headline": words.headline, "headline_html": words.headline_html}
    texts |= {medium: text.body for medium, text in words.media.items()}
    texts |= {f"{medium}.subject": text.subject for medium, text in words.media.items()}
    texts["account"] = words.account.removeprefix("<p>").removesuffix("</p>")  # each mark is a paragraph of its own
    places = [name for name, text in texts.items() if text and not _at_both_ends(text, marks)]
    return (*places, *_of_sentences(words.sentences, marks), *_of_aged(words, marks))


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start.strip()) and text.endswith(marks.end.strip())


def _of_sentences(said: tuple[Sentence, ...], marks: EnvironmentMarks) -> Iterator[str]:
    if said and not said[0].text.startswith(marks.start):
        yield "first sentence"
    if said and not said[-1].text.endswith(marks.end):
        yield "last sentence"


def _of_aged(words: NoticeText, marks: EnvironmentMarks) -> Iterator[str]:
    """A sentence that takes the place of the first or the last one carries what that one carried."""
    if words.aged is None or not words.sentences:
        return
    names = [sentence.name.split("_")[0] for sentence in words.sentences]
    if names[0] == "estimate" and not words.aged.sentence.startswith(marks.start):
        yield "aged sentence, first"
    if names[-1] == "estimate" and not words.aged.sentence.endswith(marks.end):
        yield "aged sentence, last"
