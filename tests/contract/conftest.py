import pytest

from tests.contract.command import Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)
