import pytest
from sim_rest import Json, RestStage
from sim_stage import BUY

V1 = "/fapi/v1/"
BTC: Json = {"symbol": "BTCUSDT"}
KEYS = V1 + "listenKey"


def test_leverage_is_set() -> None:
    stage = RestStage()
    view = stage.ask("POST", V1 + "leverage", **BTC, leverage=125).view
    assert view == {"symbol": "BTCUSDT", "leverage": 125, "maxNotionalValue": "1000000"}
    assert stage.venue.floor.account.positions["BTCUSDT"].leverage == 125


@pytest.mark.parametrize(("leverage", "code"), [("0", -4028), ("x", -1102), (None, -1102)])
def test_a_wrong_leverage_is_refused(leverage: str | None, code: int) -> None:
    assert RestStage().ask("POST", V1 + "leverage", **BTC, leverage=leverage).code == code


def test_the_margin_type_is_set() -> None:
    stage = RestStage()
    view = stage.ask("POST", V1 + "marginType", **BTC, marginType="ISOLATED").view
    assert view == {"code": 200, "msg": "success"}
    assert stage.venue.floor.account.positions["BTCUSDT"].is_isolated
    assert stage.ask("POST", V1 + "marginType", **BTC, marginType="CROSS").code == -1130


def test_modes_are_told_and_may_stay_as_they_are() -> None:
    stage = RestStage()
    assert stage.ask("GET", V1 + "positionSide/dual").view == {"dualSidePosition": False}
    assert stage.ask("GET", V1 + "multiAssetsMargin").view == {"multiAssetsMargin": False}
    assert stage.ask("POST", V1 + "positionSide/dual", dualSidePosition="FALSE").code == -4059
    assert stage.ask("POST", V1 + "multiAssetsMargin", multiAssetsMargin="false").code == -4171
    assert stage.ask("POST", V1 + "positionSide/dual").code == -1102


def test_margin_is_moved() -> None:
    stage = RestStage()
    stage.venue.settings.set_margin_type("BTCUSDT", is_isolated=True)
    stage.at_market(BUY, 10)
    path = V1 + "positionMargin"
    assert stage.ask("POST", path, **BTC, amount="12.5", type=1).view == {
        "amount": 12.5,
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": 1,
    }
    assert stage.venue.settings.margin_moves[0].amount == 1_250_000_000
    assert stage.ask("POST", path, **BTC, amount="1", type=3).code == -1130
    assert stage.ask("POST", path, **BTC, amount="0.000000001", type=1).code == -1111
    assert stage.ask("POST", path, **BTC, amount="1", type=1, positionSide="LONG").code == -4061


def test_burning_fees_is_remembered() -> None:
    stage = RestStage()
    assert stage.ask("GET", V1 + "feeBurn").view == {"feeBurn": False}
    stage.ask("POST", V1 + "feeBurn", feeBurn="true")
    assert stage.ask("GET", V1 + "feeBurn").view == {"feeBurn": True}
    assert stage.ask("GET", "/fapi/v2/account").view["feeBurn"] is True


def test_a_listen_key_is_given_extended_and_ended() -> None:
    stage = RestStage()
    key = stage.ask("POST", KEYS).view["listenKey"]
    assert stage.ask("POST", KEYS).view == {"listenKey": key}
    assert stage.ask("PUT", KEYS).view == {"listenKey": key}
    assert stage.ask("PUT", KEYS, listenKey=key).view == {"listenKey": key}
    assert stage.ask("DELETE", KEYS, listenKey="other").code == -1125
    assert stage.ask("DELETE", KEYS, listenKey=key).view == {}
    assert stage.ask("PUT", KEYS).code == -1125
    assert stage.ask("POST", KEYS).view != {"listenKey": key}


def test_a_listen_key_expires_unless_it_is_extended() -> None:
    stage = RestStage()
    stage.ask("POST", KEYS)
    stage.agenda.advance(stage.agenda.now_ms + 59 * 60_000)
    stage.ask("PUT", KEYS)
    stage.agenda.advance(stage.agenda.now_ms + 59 * 60_000)
    assert stage.expired == []
    stage.agenda.advance(stage.agenda.now_ms + 60_000)
    assert len(stage.expired) == 1
    assert stage.ask("PUT", KEYS).code == -1125


def test_a_listen_key_wants_the_api_key_and_no_signature() -> None:
    assert RestStage().get(KEYS).code == -5000
    assert RestStage().ask("POST", KEYS, timestamp=None).status == 200
