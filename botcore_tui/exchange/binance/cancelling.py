"""Cancellation that a task group has lost."""

import asyncio


def heed_cancellation() -> None:
    """Raise the cancellation of this task that collided with a failure; call after ``except*``.

    A task group whose tasks fail at the moment its own task is cancelled raises the failures and
    forgets the cancellation: whoever deals with the failures would go on for ever.

    Raises:
        CancelledError: Somebody wants this task to end.

    Source: CPython issue 116720; from 3.13 on the group cancels its task again.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
