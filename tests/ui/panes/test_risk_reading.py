"""What a picture says of limits once its age is counted."""

from decimal import Decimal

import pytest
from account_builders import an_account
from builders import NOW_MS, SECOND, a_snapshot
from risk_views import (
    GAUGES,
    OBSTACLES,
    TRIPPED,
    a_dead_man,
    a_gauge,
    a_kill,
    a_risk,
    an_obstacle,
    an_override,
    limited,
)

from botcore_tui.model.risk import KillStage, Tier
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.risk_reading import (
    TIERS,
    breaker_name,
    dead_man_text,
    elapsed_ms,
    entry_denial,
    equity_text,
    first_obstacle,
    kill_text,
    left_ms,
    money_of,
    override_text,
    risk_of,
    tier_of,
    tripped_text,
    worst_gauge,
)

SHOWN = limited()
FRESH_NS = SHOWN.published_ns


@pytest.mark.requirement("A04")
def test_every_tier_has_a_sign_and_a_word_of_its_own() -> None:
    assert set(TIERS) == set(Tier)
    assert len({sign for sign, _, _ in TIERS.values()}) == len(Tier)
    assert len({word for _, word, _ in TIERS.values()}) == len(Tier)


def test_latched_gauge_says_so_whatever_its_tier_is() -> None:
    assert tier_of(a_gauge(is_latched=True)) == ("■", "LATCHED", Ink.HALTED)
    assert tier_of(a_gauge(tier=Tier.WARN)) == ("▲", "warn", Ink.WARN)


def test_limits_are_those_of_the_account() -> None:
    assert risk_of(a_snapshot()) is None
    assert risk_of(a_snapshot(account=an_account())) is None
    assert risk_of(SHOWN) == a_risk()


def test_breaker_is_named_by_its_gauge_or_by_what_it_watches() -> None:
    risk = a_risk(gauges=(a_gauge(name="loss\x1b"),))
    assert breaker_name(risk, "A01") == r"A01 loss\x1b"
    assert breaker_name(risk, "A16") == "A16 dead-man"
    assert breaker_name(risk, "A99") == "A99"


def test_more_than_one_latched_breaker_are_counted() -> None:
    assert tripped_text(a_risk()) == ""
    assert tripped_text(a_risk(latched=("A01",))) == "A01 daily loss"
    assert tripped_text(a_risk(latched=("A01", "A16"))) == "A01 daily loss +1"


def test_worst_gauge_is_the_worst_that_is_not_latched_and_not_clear() -> None:
    assert worst_gauge(a_risk()) is None
    assert worst_gauge(a_risk(gauges=())) is None
    worst = worst_gauge(a_risk(gauges=tuple(GAUGES)))
    assert worst is not None
    assert worst.code == "A03-1h"
    latched = a_gauge(tier=Tier.TRIPPED, is_latched=True)
    assert worst_gauge(a_risk(gauges=(latched,))) is None


def test_first_obstacle_leaves_out_the_trading_state() -> None:
    obstacle = first_obstacle(limited(a_risk(obstacles=tuple(OBSTACLES))))
    assert obstacle is not None
    assert obstacle.code == "P09"
    assert first_obstacle(SHOWN) is None
    assert first_obstacle(a_snapshot()) is None


def test_denial_names_the_trouble_or_the_first_obstacle() -> None:
    risk = a_risk(obstacles=(an_obstacle(),))
    assert entry_denial(a_snapshot()) == ""
    assert entry_denial(SHOWN) == ""
    denial = "P09 reference freshness: mark 4.2 s old → wait for the stream, or see pane 6"
    assert entry_denial(limited(risk)) == denial
    bare = a_risk(obstacles=(an_obstacle(value="", remedy=""),))
    assert entry_denial(limited(bare)) == "P09 reference freshness"
    account = an_account(risk=risk, trouble="user stream\x1b down")
    assert entry_denial(a_snapshot(account=account)) == r"user stream\x1b down"


def test_countdowns_go_on_while_no_picture_comes() -> None:
    assert elapsed_ms(SHOWN, FRESH_NS - SECOND) == 0
    assert elapsed_ms(SHOWN, FRESH_NS + SECOND) == 1_000
    assert left_ms(NOW_MS + 3_000, SHOWN, FRESH_NS + 2 * SECOND) == 1_000


@pytest.mark.requirement("A05")
def test_equity_shows_its_age_and_alarms_when_it_is_old_or_unknown() -> None:
    risk = a_risk()
    assert equity_text(risk, SHOWN, FRESH_NS) == ("4,938.00 · 0s old", Ink.STRONG)
    assert equity_text(risk, SHOWN, FRESH_NS + 11 * SECOND) == ("4,938.00 · 11s old", Ink.ALARM)
    unknown = a_risk(equity=None)
    assert equity_text(unknown, SHOWN, FRESH_NS) == ("UNKNOWN", Ink.ALARM)
    never = a_risk(equity=None, equity_age_ms=None)
    assert equity_text(never, SHOWN, FRESH_NS) == ("UNKNOWN, never told", Ink.ALARM)


@pytest.mark.requirement("P24")
def test_relaxed_limit_says_both_values_and_the_minutes_that_are_left() -> None:
    row = an_override()
    text = "risk.max_leverage 3 (normal 2)"
    assert override_text(row, SHOWN, FRESH_NS) == f"{text} 43m left"
    assert override_text(row, SHOWN, FRESH_NS + 61 * SECOND) == f"{text} 42m left"
    assert override_text(row, SHOWN, FRESH_NS + 9_999 * SECOND) == f"{text} 0m left"


@pytest.mark.requirement("A16")
def test_dead_man_counts_down_and_says_what_was_missed() -> None:
    assert dead_man_text(a_dead_man(), SHOWN, FRESH_NS) == ("01:32 left", Ink.TEXT)
    assert dead_man_text(a_dead_man(), SHOWN, FRESH_NS + 90 * SECOND) == ("00:02 left", Ink.TEXT)
    assert dead_man_text(a_dead_man(), SHOWN, FRESH_NS + 92 * SECOND) == ("EXPIRED", Ink.ALARM)
    assert dead_man_text(a_dead_man(until_ms=0), SHOWN, FRESH_NS) == ("NOT ARMED", Ink.ALARM)
    missed = a_dead_man(missed=2, reason="timeout")
    assert dead_man_text(missed, SHOWN, FRESH_NS) == ("01:32 left · MISSED 2: timeout", Ink.ALARM)
    assert dead_man_text(a_dead_man(missed=1), SHOWN, FRESH_NS)[0] == "01:32 left · MISSED 1"


@pytest.mark.requirement("K4")
def test_kill_tells_what_was_requested_from_what_is_confirmed() -> None:
    assert kill_text(a_kill()) == [("armed: F12 · F8 flattens", Ink.TEXT)]
    under_way = kill_text(TRIPPED.kill)
    assert under_way == [
        ("… asking the venue · requested 22:13:20Z", Ink.ALARM),
        ("confirmed: 3 of 12 cancelled, 9 open, 0 positions", Ink.TEXT),
    ]
    words = "12 of 12 entries cancelled, 0 open, flat"
    done = a_kill(stage=KillStage.CONFIRMED, confirmed_ms=NOW_MS, text=words)
    assert kill_text(done) == [("✓ confirmed 22:13:20Z", Ink.GOOD), (words, Ink.TEXT)]
    whole = a_kill(stage=KillStage.CONFIRMED, text="HALT confirmed at 22:13:20Z: flat")
    assert kill_text(whole) == [("✓ HALT confirmed at 22:13:20Z: flat", Ink.GOOD)]
    bare = a_kill(stage=KillStage.CONFIRMED, confirmed_ms=NOW_MS, positions=1)
    assert kill_text(bare)[1][0] == "confirmed: 0 of 0 cancelled, 0 open, 1 position"
    failed = a_kill(stage=KillStage.TROUBLE, began_ms=NOW_MS, text="timeout\x1b")
    assert kill_text(failed) == [
        ("✗ NOT CONFIRMED · requested 22:13:20Z", Ink.HALTED),
        ("confirmed: 0 of 0 cancelled, 0 open, 0 positions", Ink.TEXT),
        (r"timeout\x1b", Ink.WARN),
    ]


@pytest.mark.requirement("R26")
def test_percentage_is_money_where_its_base_is_known() -> None:
    assert money_of(Decimal(5), Decimal(5_000)) == "250.00"
    assert money_of(Decimal(5), None) == "-"
