"""The jobs under way, and their Cancel."""

import pytest
from PySide6.QtCore import QObject, Signal

from gui.session_bridge.jobs import Job, Jobs


class Facts(QObject):
    progress = Signal(str, int, int)
    session_changed = Signal()


@pytest.fixture
def facts(qapp):
    return Facts()


@pytest.fixture
def stopped():
    return []


@pytest.fixture
def jobs(facts, stopped):
    return Jobs(facts, {"Reading": lambda: stopped.append("Reading")}, lambda: stopped.append("the turn"))


def test_jobs_come_tell_how_far_they_are_and_go(facts, jobs):
    facts.progress.emit("Reading", 1, 4)
    facts.progress.emit("Running", 50, 0)
    facts.progress.emit("Reading", 2, 4)

    assert jobs.all == (Job("Running", 50, 0), Job("Reading", 2, 4))
    assert [job.text() for job in jobs.all] == ["Running", "Reading, 50 %"]
    facts.progress.emit("Running", 1, 1)
    facts.progress.emit("Never begun", 1, 1)
    assert jobs.all == (Job("Reading", 2, 4),)
    facts.session_changed.emit()
    assert jobs.all == ()


def test_one_job_is_cancelled_and_the_others_go_on(jobs, stopped):
    jobs.cancel("Reading")
    jobs.cancel("Running")

    assert stopped == ["Reading", "the turn"]


def test_cancel_without_a_name_stops_everything(jobs, stopped):
    jobs.cancel_all()

    assert stopped == ["Reading", "the turn"]
