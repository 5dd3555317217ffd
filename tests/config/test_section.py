import pytest
from pydantic import Field, ValidationError

from botcore_tui.config.section import Section, contradiction


class Limits(Section):
    count: int = 1
    share: float = Field(default=0.5, gt=0)


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    "values",
    [
        {"count": "1"},
        {"count": 1.0},
        {"share": float("nan")},
        {"share": float("inf")},
        {"share": 0},
        {"other": 1},
    ],
)
def test_section_takes_known_keys_of_the_right_type_and_finite_numbers_only(
    values: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(values)


def test_section_cannot_be_changed() -> None:
    limits = Limits()
    with pytest.raises(ValidationError):
        limits.count = 2


@pytest.mark.requirement("R16")
def test_refusal_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        Limits.model_validate({"count": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_contradiction_carries_keys_and_reason() -> None:
    error = contradiction("must not be less than base = 2", "cap", others=("base",))
    assert error.message() == "must not be less than base = 2"
    assert error.context is not None
    assert (error.context["keys"], error.context["others"]) == (("cap",), ("base",))
