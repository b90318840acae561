"""Checks that a notice carries the marks of its environment in every place where somebody may read it."""

from __future__ import annotations

from collections.abc import Iterator

from statuspage.domain import EnvironmentMarks, NoticeText, Sentence


def missing_marks(notice_text: NoticeText, marks: EnvironmentMarks) -> tuple[str, ...]:
    """The places that lack a mark at one of their ends; none if all is well, or in an environment without marks."""
    if not marks.word:
        return ()
    texts = {"title": notice_text.title, "headline": notice_text.headline, "headline_html": notice_text.headline_html}
    texts |= {medium: text.body for medium, text in notice_text.media.items()}
    texts |= {f"{medium}.subject": text.subject for medium, text in notice_text.media.items()}
    # Each mark of a postmortem is a paragraph of its own.
    texts["postmortem"] = notice_text.postmortem.removeprefix("<p>").removesuffix("</p>")
    places = [name for name, text in texts.items() if text and not _at_both_ends(text, marks)]
    return (*places, *_of_sentences(notice_text.sentences, marks), *_of_aged(notice_text, marks))


def _at_both_ends(text: str, marks: EnvironmentMarks) -> bool:
    return text.startswith(marks.start.strip()) and text.endswith(marks.end.strip())


def _of_sentences(sentences: tuple[Sentence, ...], marks: EnvironmentMarks) -> Iterator[str]:
    if sentences and not sentences[0].text.startswith(marks.start):
        yield "first sentence"
    if sentences and not sentences[-1].text.endswith(marks.end):
        yield "last sentence"


def _of_aged(notice_text: NoticeText, marks: EnvironmentMarks) -> Iterator[str]:
    """A replacement of the first or the last sentence must carry the same marks."""
    if notice_text.expired_wording is None or not notice_text.sentences:
        return
    names = [sentence.name.split("_")[0] for sentence in notice_text.sentences]
    if names[0] == "estimate" and not notice_text.expired_wording.sentence.startswith(marks.start):
        yield "aged sentence, first"
    if names[-1] == "estimate" and not notice_text.expired_wording.sentence.endswith(marks.end):
        yield "aged sentence, last"
