"""What waits to be sent waits in order, and nothing is added to what has ended."""

from botcore_tui.exchange.sim.mailbox import Mailbox


def test_frames_wait_in_order_and_wake_the_shell_once() -> None:
    mailbox = Mailbox()
    mailbox.send(b"nobody listens yet")
    mailbox.outbox.clear()
    woken: list[int] = []
    mailbox.wake = lambda: woken.append(len(mailbox.outbox))
    mailbox.send(b"1")
    mailbox.send(b"2")
    assert (mailbox.outbox, woken) == ([b"1", b"2"], [1])


def test_the_first_end_counts_and_nothing_is_sent_after_it() -> None:
    mailbox = Mailbox()
    woken: list[int] = []
    mailbox.wake = lambda: woken.append(mailbox.close_code)
    mailbox.cut(1008, "Too many requests")
    mailbox.cut(1001, "")
    mailbox.send(b"late")
    assert (mailbox.close_code, mailbox.close_reason) == (1008, "Too many requests")
    assert (mailbox.outbox, woken) == ([], [1008])


def test_a_mute_one_takes_nothing() -> None:
    mailbox = Mailbox()
    mailbox.is_mute = True
    mailbox.send(b"unheard")
    assert mailbox.outbox == []
