"""Words of checks and report."""

import pytest
from command_line import arguments


def test_a_list_is_shown_by_default() -> None:
    plain = arguments("checks")
    assert (plain.topic, plain.period, plain.json) == ("show", None, False)
    assert arguments("checks", "--weekly", "--json").period == "weekly"
    signing = arguments("checks", "sign", "weekly", "--reason", "x", "--accept-limits")
    assert (signing.subject, signing.accept_limits) == ("weekly", True)
    assert arguments("checks", "review", "12", "--reason", "late").subject == "12"
    assert arguments("checks", "trades", "--days", "30").days == 30
    assert arguments("report", "--month", "2026-10").month == "2026-10"
    assert arguments("report").month is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("checks", "sign"), "needs one of daily, weekly, monthly"),
        (("checks", "sign", "yearly", "--reason", "x"), "needs one of"),
        (("checks", "sign", "daily"), "needs --reason"),
        (("checks", "sign", "daily", "--reason", " "), "needs --reason"),
        (("checks", "review", "x", "--reason", "y"), "needs the number"),
        (("checks", "review", "0", "--reason", "y"), "needs the number"),
        (("checks", "show", "daily"), "not for checks show"),
        (("checks", "--reason", "x"), "--reason: not for"),
        (("checks", "--daily", "--weekly"), "not allowed with"),
        (("checks", "trades", "--daily"), "--daily: not for checks trades"),
        (("checks", "--days", "3"), "--days: not for checks show"),
        (("checks", "trades", "--days", "0"), "no number of days"),
        (("checks", "sign", "daily", "--reason", "x", "--accept-limits"), "only for"),
        (("report", "--month", "2026-13"), "no month such as"),
        (("report", "--month", "october"), "no month such as"),
        (("report", "--month", "1969-12"), "no month such as"),
        (("report", "--month", "9999-12"), "no month such as"),
        (("checks", "--headless"), "--headless"),
    ],
)
def test_nonsense_is_told_in_one_line(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words)
    err = capsys.readouterr().err
    assert left.value.code == 2
    assert why in err
    assert err.count("\n") == 1
