"""Answers: the newest are kept, listeners hear each."""

from botcore_tui.engine.answers import Answers
from botcore_tui.model.event import Answer


def an_answer(number: int) -> Answer:
    return Answer(command_id=f"c{number}", is_accepted=True, code="", text="", time_ms=number)


def test_last_sixteen_are_kept_newest_last() -> None:
    answers = Answers()
    for number in range(20):
        answers.add(an_answer(number))

    assert answers.newest == tuple(map(an_answer, range(4, 20)))


def test_listener_hears_each_until_it_has_enough() -> None:
    answers = Answers()
    heard: list[Answer] = []
    end = answers.subscribe(heard.append)

    answers.add(an_answer(1))
    end()
    answers.add(an_answer(2))

    assert heard == [an_answer(1)]


def test_listener_may_leave_while_it_is_told() -> None:
    answers = Answers()
    heard: list[str] = []
    end = answers.subscribe(lambda _answer: end())
    answers.subscribe(lambda answer: heard.append(answer.command_id))

    answers.add(an_answer(1))

    assert heard == ["c1"]
