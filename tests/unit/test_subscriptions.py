import pytest

from fakes import session
from rejoinder.domain.conversation import Session, Usage
from rejoinder.domain.events import TextPart, TurnEnded, TurnEvent
from rejoinder.engine.subscriptions import Subscriptions
from rejoinder.services.ports import TurnAddress

TURN = TurnAddress("p1", "s1", "t1")
OTHER = TurnAddress("p1", "s2", "t1")
TEXT = TextPart("x")


class Listener:
    """A connection that keeps what it is told, or fails."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.updates: list[tuple[TurnAddress, int, TurnEvent]] = []
        self.changes: list[tuple[str, str]] = []

    def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
        """As the port says."""
        if self.fault:
            raise self.fault
        self.updates.append((turn, seq, event))

    def tell_changed(self, session: Session, kind: str) -> None:
        """As the port says."""
        if self.fault:
            raise self.fault
        self.changes.append((session.session_id, kind))


@pytest.fixture
def failures() -> list[Exception]:
    return []


@pytest.fixture
def subscriptions(failures: list[Exception]) -> Subscriptions:
    return Subscriptions(failures.append)


def test_all_followers_of_a_session_are_told_and_no_others(subscriptions: Subscriptions) -> None:
    one, two, three = Listener(), Listener(), Listener()
    for listener in (one, two, three):
        subscriptions.join(listener)
    subscriptions.follow_session("p1", "s1", one)
    subscriptions.follow_session("p1", "s1", two)
    subscriptions.update(TURN, 0, TEXT)
    subscriptions.update(OTHER, 0, TEXT)
    subscriptions.update(TurnAddress("p2", "s1", "t1"), 0, TEXT)
    assert one.updates == two.updates == [(TURN, 0, TEXT)]
    assert three.updates == []


def test_who_follows_both_ways_is_told_once(subscriptions: Subscriptions) -> None:
    one = Listener()
    subscriptions.follow_session("p1", "s1", one)
    subscriptions.follow_turn(TURN, one)
    subscriptions.update(TURN, 0, TEXT)
    assert len(one.updates) == 1


def test_a_turn_is_followed_to_its_end(subscriptions: Subscriptions) -> None:
    one = Listener()
    subscriptions.follow_turn(TURN, one)
    end = TurnEnded("end_turn", Usage())
    subscriptions.update(TURN, 0, end)
    subscriptions.update(TURN, 1, TEXT)
    assert one.updates == [(TURN, 0, end)]


def test_who_does_not_look_any_more_is_not_told(subscriptions: Subscriptions) -> None:
    one, two = Listener(), Listener()
    subscriptions.follow_session("p1", "s1", one)
    subscriptions.follow_session("p1", "s1", two)
    subscriptions.unfollow_session("p1", "s1", one)
    subscriptions.unfollow_session("p1", "never", one)
    subscriptions.update(TURN, 0, TEXT)
    assert (len(one.updates), len(two.updates)) == (0, 1)


def test_who_has_left_is_told_of_nothing(subscriptions: Subscriptions) -> None:
    one = Listener()
    subscriptions.join(one)
    subscriptions.follow_session("p1", "s1", one)
    subscriptions.follow_turn(TURN, one)
    subscriptions.leave(one)
    subscriptions.leave(one)
    subscriptions.update(TURN, 0, TEXT)
    subscriptions.changed(session("s1"), "updated")
    assert (one.updates, one.changes) == ([], [])


def test_changes_go_to_all_that_joined(subscriptions: Subscriptions) -> None:
    one, two, stranger = Listener(), Listener(), Listener()
    subscriptions.join(one)
    subscriptions.join(two)
    subscriptions.follow_session("p1", "s1", stranger)
    subscriptions.changed(session("s1"), "created")
    assert one.changes == two.changes == [("s1", "created")]
    assert stranger.changes == []


def test_one_that_fails_does_not_stop_the_rest(subscriptions: Subscriptions, failures: list[Exception]) -> None:
    fault = OSError("gone")
    broken, whole = Listener(fault), Listener()
    for listener in (broken, whole):
        subscriptions.join(listener)
        subscriptions.follow_session("p1", "s1", listener)
    subscriptions.update(TURN, 0, TEXT)
    subscriptions.changed(session("s1"), "updated")
    assert (len(whole.updates), len(whole.changes)) == (1, 1)
    assert failures == [fault, fault]


def test_a_connection_may_leave_while_it_is_told(subscriptions: Subscriptions, failures: list[Exception]) -> None:
    class Leaving(Listener):
        def tell_changed(self, session: Session, kind: str) -> None:
            subscriptions.leave(self)

        def tell_update(self, turn: TurnAddress, seq: int, event: TurnEvent) -> None:
            subscriptions.leave(self)

    leaving, whole = Leaving(), Listener()
    for listener in (leaving, whole):
        subscriptions.join(listener)
        subscriptions.follow_session("p1", "s1", listener)
    subscriptions.update(TURN, 0, TEXT)
    subscriptions.changed(session("s1"), "updated")
    assert (len(whole.updates), len(whole.changes), failures) == (1, 1, [])
