"""Limits as rows: percent and money, a bar, and a word that needs no colour."""

from decimal import Decimal

import pytest
from account_builders import an_account
from builders import a_snapshot
from msgspec.structs import replace
from pane_app import row_texts
from risk_views import GAUGES, TRIPPED, a_gauge, a_phase, a_risk, limited, some_limits

from botcore_tui.model.risk import Tier
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import named_rows
from botcore_tui.ui.panes.risk_rows import (
    band_text,
    banner_rows,
    folded_banner,
    gauges_rows,
    kill_facts,
    money_facts,
    phase_facts,
    safety_facts,
)

SHOWN = limited()
FRESH_NS = SHOWN.published_ns


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R26")
def test_narrow_gauge_says_percent_money_and_distance_to_the_trip() -> None:
    rows = gauges_rows([a_gauge()], 36, has_base=True)
    assert row_texts(rows) == [
        "✓ A01 daily loss ██▌░░░░░░░ 1.24/5 %",
        "  62.00 of 250.00, 188.00 left clear",
        "  % of 5,000.00 equity at 00:00 UTC ",
    ]
    assert len(gauges_rows([a_gauge()], 36, has_base=False)) == 2


@pytest.mark.requirement("R26")
def test_wide_gauge_takes_one_line_and_names_its_base_in_another() -> None:
    first, second = row_texts(gauges_rows([a_gauge()], 90, has_base=True))
    assert first.rstrip() == (
        "✓ A01 daily loss ███░░░░░░░░░ 1.24/5 %  clear    62.00 of 250.00, 188.00 left"
    )
    assert second.rstrip() == "  % of 5,000.00 equity at 00:00 UTC"


def test_base_joins_the_money_where_both_fit() -> None:
    rows = row_texts(gauges_rows([a_gauge()], 76, has_base=True))
    assert len(rows) == 2
    assert rows[1].startswith("  62.00 of 250.00, 188.00 left · % of 5,000.00 equity at 00:00 UTC ")


@pytest.mark.requirement("A04")
@pytest.mark.parametrize("width", [20, 36, 60, 90, 160])
def test_tier_stands_there_as_a_word_at_every_width(width: int) -> None:
    rows = gauges_rows(GAUGES, width, has_base=False)
    assert all(sum(len(text) for text, _ in row) == width for row in rows)
    text = "\n".join(row_texts(rows))
    for word in ("clear", "warn", "REDUCE", "UNKNOWN"):
        assert word in text
    assert "?/5 %" in text


def test_large_sums_lose_their_decimals_before_the_word_goes() -> None:
    gauge = a_gauge(
        used_amount=Decimal("10000.00"),
        limit_amount=Decimal("25000.00"),
        left_amount=Decimal("15000.00"),
        tier=Tier.REDUCE,
    )
    rows = row_texts(gauges_rows([gauge], 38, has_base=False))
    assert rows[1] == "  10,000 of 25,000, 15,000 left REDUCE"
    narrower = row_texts(gauges_rows([gauge], 30, has_base=False))
    assert narrower[1] == "  15,000 left           REDUCE"
    narrowest = row_texts(gauges_rows([gauge], 12, has_base=False))
    assert narrowest[1] == "      REDUCE"


def test_latched_gauge_is_loud() -> None:
    gauge = a_gauge(tier=Tier.TRIPPED, is_latched=True, used_pct=Decimal(7))
    rows = gauges_rows([gauge], 36, has_base=False)
    assert rows[0][0][1] is rows[1][1][1] is Ink.HALTED
    assert "■" in rows[0][0][0]
    assert rows[1][1][0] == "LATCHED"


def test_gauge_that_is_not_finite_draws_no_bar() -> None:
    rows = row_texts(gauges_rows([a_gauge(used_pct=Decimal("NaN"))], 36, has_base=False))
    assert "█" not in rows[0]
    assert "-/5 %" in rows[0]


def test_no_gauges_make_no_rows() -> None:
    assert gauges_rows([], 36, has_base=True) == []


@pytest.mark.requirement("P24")
def test_banners_name_what_is_latched_relaxed_disabled_and_wrong_with_the_phase() -> None:
    risk = replace(TRIPPED, phase=a_phase(trouble="equity is outside the band\x1b"))
    rows = banner_rows(risk, SHOWN, FRESH_NS, 80)
    lines = [text.strip() for text in row_texts(rows)]
    assert lines == [
        "LATCHED A01 daily loss: b resets",
        "LATCHED A16 dead-man: b resets",
        "RELAXED risk.max_leverage 3 (normal 2) 43m left by ann",
        r"PHASE: equity is outside the band\x1b",
        "DISABLED breakout: 5 losing in a row",
    ]
    assert [row[0][1] for row in rows] == [Ink.HALTED] * 2 + [Ink.ALARM] * 3
    assert all(len(text) == 80 for text in row_texts(rows))
    assert "r resets" in row_texts(banner_rows(risk, SHOWN, FRESH_NS, 80, key="r"))[0]
    assert banner_rows(a_risk(), SHOWN, FRESH_NS, 80) == []


def test_long_banner_goes_on_in_the_next_line() -> None:
    assert folded_banner(" one two three ", 8) == [" one two", " three"]
    assert folded_banner("one", 0) == [" o", " n", " e"]


def test_money_that_is_not_known_is_said_to_be() -> None:
    facts = money_facts(a_risk(day_start_equity=None), SHOWN, FRESH_NS)
    assert [fact.value for fact in facts] == ["4,938.00 · 0s old", "not known yet", "5,300.00"]


@pytest.mark.requirement("A06")
def test_unprotected_seconds_of_the_day_stand_beside_the_dead_men() -> None:
    account = an_account(risk=TRIPPED, unprotected_seconds_today=3.25)
    facts = safety_facts(TRIPPED, a_snapshot(account=account), FRESH_NS)
    assert [fact.name for fact in facts] == ["dead-man", "dead-man", "no stop"]
    assert (facts[-1].value, facts[-1].ink) == ("unprotected 3.2s today", Ink.WARN)
    calm = safety_facts(a_risk(), a_snapshot(), FRESH_NS)
    assert [fact.value for fact in calm] == ["no resting entries", "unprotected 0.0s today"]


@pytest.mark.requirement("R26")
@pytest.mark.requirement("R27")
def test_limits_in_force_are_shown_in_percent_and_money() -> None:
    risk = a_risk(
        phase=a_phase(),
        limits=some_limits(daily_loss_pct=Decimal("2.5"), risk_pct=Decimal("0.5"), max_positions=1),
        day_start_equity=Decimal(1_000),
        high_water=Decimal(1_000),
        equity=Decimal(1_000),
    )
    lines = [f"{fact.name}: {fact.value}" for fact in phase_facts(risk)]
    assert lines == [
        "phase: conservative · 1 position · 1x",
        "capital: ✓ 742.10 · 500-1,000",
        "daily loss: 2.5 % = 25.00",
        "drawdown: 10 % = 100.00",
        "per trade: 0.5 % = 5.00",
    ]


@pytest.mark.requirement("R30")
def test_capital_outside_its_band_alarms() -> None:
    outside = phase_facts(a_risk(phase=a_phase(is_in_band=False)))[1]
    assert (outside.value, outside.ink) == ("✗ 742.10 · 500-1,000", Ink.ALARM)
    unknown = phase_facts(a_risk(phase=a_phase(is_in_band=None, capital=None)))[1]
    assert (unknown.value, unknown.ink) == ("- · 500-1,000", Ink.TEXT)
    assert band_text(a_phase(band_high=None)) == "from 500"


def test_phase_that_is_not_in_force_is_said_to_be() -> None:
    assert [fact.value for fact in phase_facts(a_risk())] == ["none in force"]


def test_long_facts_go_on_below_their_value() -> None:
    rows = row_texts(named_rows(kill_facts(TRIPPED), 36))
    assert rows[:2] == [
        "kill … asking the venue · requested ",
        "     22:13:20Z                      ",
    ]
