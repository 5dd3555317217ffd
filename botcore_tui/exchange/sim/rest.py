"""The request interface: finds the endpoint, counts, checks keys, and answers in JSON.

Pure: a request and the time go in, a reply comes out, together with how it is to be delivered.
"""

from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Backend, Call, Endpoint, Security
from botcore_tui.exchange.sim.endpoints.routes import ROUTES
from botcore_tui.exchange.sim.http_messages import (
    USED_WEIGHT,
    Fate,
    Reply,
    Request,
    answered,
    refused,
)
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.rest_faults import RequestFaults
from botcore_tui.exchange.sim.signatures import Credentials, Verifier, check_timestamp

_SPOT: Final = "/api/"
"""The spot host's replies have its older header as well; unicorn-binance-websocket-api reads it."""
_UNREAD: Final = 1
"""Weight of a request that is refused before its own is known."""


class Rest:
    """Answers requests.

    Args:
        backend: What they are about.
        credentials: Keys that may sign.
    """

    def __init__(self, backend: Backend, credentials: Credentials) -> None:
        self._backend = backend
        self._limits = backend.limits
        self._agenda = backend.venue.floor.agenda
        self._verifier = Verifier(credentials)
        self._faults = RequestFaults(backend.faults, backend.limits)

    def handle(self, request: Request, now_ms: int, *clocks: int) -> Reply:
        """Answer a request.

        Args:
            request: As it arrived.
            now_ms: The agenda's time, UTC milliseconds.
            clocks: Further times that a timestamp may fit: the wall clock's where simulated time
                runs faster than a client can follow.
        """
        endpoint = ROUTES.get((request.method, request.path))
        try:
            self._limits.check_ban(request.remote, now_ms)
            parameters = self._read(endpoint, request)
        except RefusalError as refusal:
            return refused(refusal, self._headers(endpoint, request))
        if endpoint is None:
            unknown = RefusalError(-5000, request.path, request.method)
            return refused(unknown, self._headers(None, request))
        reply = self._faults.before(endpoint, request, parameters, now_ms)
        if reply is not None:
            reply.headers.update(self._headers(endpoint, request))
            return reply
        return self._arrive(endpoint, request, parameters, (now_ms, *clocks))

    def _arrive(
        self,
        endpoint: Endpoint,
        request: Request,
        parameters: Parameters,
        clocks: tuple[int, ...],
    ) -> Reply:
        delay_ms = self._faults.lateness(endpoint, parameters)
        if not delay_ms:
            reply = self._answer(endpoint, request, parameters, clocks)
            return self._faults.after(endpoint, parameters, reply)

        def arrive_late() -> None:
            late = tuple(clock + delay_ms for clock in clocks)
            self._answer(endpoint, request, parameters, late)

        self._agenda.at(self._agenda.now_ms + delay_ms, arrive_late)
        return Reply(headers={}, fate=Fate.ABORT)

    def _answer(
        self,
        endpoint: Endpoint,
        request: Request,
        parameters: Parameters,
        clocks: tuple[int, ...],
    ) -> Reply:
        """Carry a request out, which is at the venue now."""
        now_ms = self._agenda.now_ms
        try:
            self._count(endpoint, request, parameters, now_ms)
            self._check(endpoint, request, parameters, clocks)
            if endpoint.orders[0]:
                self._limits.spend_orders(*endpoint.orders, now_ms)
            value = endpoint.call(Call(self._backend, parameters, now_ms))
        except RefusalError as refusal:
            return refused(refusal, self._headers(endpoint, request))
        value = self._faults.spoiled(endpoint, value)
        return answered(value, self._headers(endpoint, request))

    def _read(self, endpoint: Endpoint | None, request: Request) -> Parameters:
        """Read the parameters; what never gets further is counted here."""
        if endpoint is not None:
            try:
                return Parameters.read(request.query, request.body)
            except RefusalError:
                self._limits.spend(request.remote, _UNREAD, self._agenda.now_ms)
                raise
        self._limits.spend(request.remote, _UNREAD, self._agenda.now_ms)
        return Parameters({})

    def _count(
        self, endpoint: Endpoint, request: Request, parameters: Parameters, now_ms: int
    ) -> None:
        limits, weight = self._limits, endpoint.weight
        if not isinstance(weight, int):
            try:
                weight = weight(parameters)
            except RefusalError:
                limits.spend(request.remote, _UNREAD, now_ms)
                raise
        limits.spend(request.remote, weight, now_ms)
        if endpoint.is_funding:
            limits.spend_funding(request.remote, now_ms)

    def _check(
        self,
        endpoint: Endpoint,
        request: Request,
        parameters: Parameters,
        clocks: tuple[int, ...],
    ) -> None:
        if endpoint.security is Security.NONE:
            return
        self._verifier.check_key(request.api_key)
        self._faults.check_keys(endpoint, parameters)
        if endpoint.security is Security.SIGNED:
            timestamp = parameters.required_integer("timestamp")
            window = parameters.integer("recvWindow")
            step_ms = self._backend.clock_step_ms()
            if step_ms:
                clocks = tuple(clock + step_ms for clock in clocks)
            check_timestamp(timestamp, window, clocks)
            if not request.is_trusted:
                self._verifier.check_signature(request.api_key, request.query, request.body)

    def _headers(self, endpoint: Endpoint | None, request: Request) -> dict[str, str]:
        now_ms = self._agenda.now_ms
        used = self._limits.used_weight(request.remote, now_ms)
        headers = {USED_WEIGHT: str(used)}
        if request.path.startswith(_SPOT):
            headers["X-MBX-USED-WEIGHT"] = str(used)
        if endpoint is not None and endpoint.orders[0]:
            ten_seconds, minute = self._limits.used_orders(now_ms)
            headers["X-MBX-ORDER-COUNT-10S"] = str(ten_seconds)
            headers["X-MBX-ORDER-COUNT-1M"] = str(minute)
        return headers
