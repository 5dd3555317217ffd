"""Planted secrets, and a venue and a strategy that tell them: none of them is seen anywhere."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from echoing_venue import ACCOUNT, LISTEN_KEY, ORDERS, EchoingVenue, echoing_venue
from msgspec import Struct
from operator_builders import a_key, claims, header, private_pem, signed, trust
from real_program import DEADLINE_SECONDS, ROOT, Program, Screen, botcore
from sim_process import Sim, running_sim

pytestmark = pytest.mark.xdist_group("secrets")

WIDE = (320, 60)
"""Enough for a line of the log."""


class Planted(Struct, frozen=True):
    """What must not be seen, and the variables that hold it."""

    secrets: dict[str, str]
    variables: dict[str, str]

    def seen_in(self, data: bytes) -> list[str]:
        return [name for name, secret in self.secrets.items() if secret.encode() in data]

    def seen_below(self, directory: Path) -> list[str]:
        files = [path for path in directory.rglob("*") if path.is_file()]
        assert files
        return [
            f"{path.name}: {name}" for path in files for name in self.seen_in(path.read_bytes())
        ]


@pytest.fixture
def sim() -> Iterator[Sim]:
    with running_sim("--symbols", "BTCUSDT", "--seed", "7") as sim:
        sim.ask_signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=1)
        yield sim


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def planted(sim: Sim, tmp_path: Path) -> Planted:
    now = int(time.time())
    token = signed(header(a_key()), claims(iat=now, nbf=now, exp=now + 3600), a_key())
    (tmp_path / "token").write_text(token)
    trust(tmp_path / "state" / "operators", a_key())
    return Planted(
        secrets={
            "API key": sim.api_key,
            "API secret": sim.api_secret,
            "token": token,
            # Texts are cut: what is left of it is a secret, too.
            "beginning of the token": ".".join(token.split(".")[:2])[:120],
            "PEM": private_pem(a_key()).decode().splitlines()[3],
        },
        variables={
            "BOTCORE_TESTNET_API_KEY": sim.api_key,
            "BOTCORE_TESTNET_API_SECRET": sim.api_secret,
            "BOTCORE_OPERATOR_TOKEN_FILE": str(tmp_path / "token"),
        },
    )


@pytest.fixture
def venue(sim: Sim, planted: Planted) -> Iterator[EchoingVenue]:
    pem = private_pem(a_key()).decode()
    with echoing_venue(sim, sim.api_secret, planted.secrets["token"], pem) as venue:
        yield venue


@pytest.mark.requirement("R16")
@pytest.mark.slow
def test_a_refused_key_is_told_without_any_secret(
    venue: EchoingVenue, planted: Planted, home: Path, tmp_path: Path
) -> None:
    venue.refused = {ACCOUNT, LISTEN_KEY}
    run = ("run", "--environment", "testnet", "--enable-trading", "--state-dir", tmp_path / "state")
    env = {**venue.variables(), **planted.variables}
    tape = tmp_path / "tapes" / "tape.jsonl"
    tape.parent.mkdir()
    with Program(*run, "--headless", "--record", tape, home=home, env=env) as program:
        program.wait_for("HTTP 400: refused: ********")
        program.wait_for("(failure 2)")
        program.process.terminate()
        program.wait_for_exit()
    assert venue.told
    assert planted.seen_in(program.told.encode()) == []
    assert planted.seen_below(tmp_path / "state") == []
    assert planted.seen_below(tape.parent) == []


@pytest.mark.slow
@pytest.mark.requirement("R16")
def test_a_refused_key_is_shown_without_any_secret(
    venue: EchoingVenue, planted: Planted, home: Path, tmp_path: Path
) -> None:
    venue.refused = {ACCOUNT, LISTEN_KEY}
    run = ("run", "--environment", "testnet", "--enable-trading", "--state-dir", tmp_path / "state")
    env = {**venue.variables(), **planted.variables}
    with Screen(*run, home=home, env=env, size=WIDE) as screen:
        screen.wait_for("TESTNET", "********")
        screen.process.terminate()
        screen.wait_for_exit()
        assert planted.seen_in(bytes(screen.output)) == []
    assert planted.seen_below(tmp_path / "state") == []


@pytest.mark.slow
@pytest.mark.requirement("R16")
def test_a_rejected_order_and_its_reason_are_on_record_without_any_secret(
    venue: EchoingVenue, planted: Planted, home: Path, tmp_path: Path
) -> None:
    venue.refused, venue.code = {ORDERS}, -2019
    state = ("--environment", "testnet", "--state-dir", tmp_path / "state")
    env = {**venue.variables(), **planted.variables}
    with Program("run", "--headless", "--enable-trading", *state, home=home, env=env) as program:
        program.wait_for("account reconciled")
        program.wait_for("BTCUSDT book is live")
        stop = int(venue.sim.best("BTCUSDT")[0] * 98 / 100)
        reason = f"with {planted.secrets['API secret']} and {planted.secrets['token'][:90]}"
        words = ("buy", "BTCUSDT", "0.01", "--stop", stop, "--reason", reason)
        bought = botcore(*words, *state, home=home, env=env)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while "wait" in bought.stderr and time.monotonic() < deadline:  # it has just begun
            bought = botcore(*words, *state, home=home, env=env)
        assert bought.returncode == 0, bought.stderr
        program.wait_for("rejected: refused: ********")
        listed = botcore("orders", "--json", *state, home=home, env=env)
        assert "refused: ********" in listed.stdout
        export = ("ledger", "export", "--format", "json", "--table", "commands")
        shown = botcore(*export, *state, home=home, env=env)
        assert "with ******** and ********" in shown.stdout
        halted = botcore("halt", "--reason", reason, *state, home=home, env=env)
        program.process.terminate()
        program.wait_for_exit()
    told = [bought, listed, shown, halted]
    output = "".join((program.told, *(item.stdout + item.stderr for item in told)))
    assert planted.seen_in(output.encode()) == []
    assert planted.seen_below(tmp_path / "state") == []


@pytest.mark.slow
@pytest.mark.requirement("R16")
def test_a_failing_strategy_leaves_a_traceback_without_the_secret_that_it_tells(
    planted: Planted, home: Path, tmp_path: Path
) -> None:
    env = {**planted.variables, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    run = ("run", "--headless", "--enable-trading", "--state-dir", tmp_path / "state")
    with Program(*run, "--strategy", "telling_strategy:Telling", home=home, env=env) as program:
        program.wait_for("cannot be had with ********")
        program.process.terminate()
        program.wait_for_exit()
    unmade = botcore(*run, "--strategy", "telling_strategy:Unmade", home=home, env=env)
    assert unmade.returncode == 1
    assert "no way with ********" in unmade.stderr
    output = program.told + unmade.stdout + unmade.stderr
    assert planted.seen_in(output.encode()) == []
    assert planted.seen_below(tmp_path / "state") == []
