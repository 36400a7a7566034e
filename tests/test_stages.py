from __future__ import annotations

from qa import Assistant
from qa.stages import Stages


def test_stages_stand_in_their_order_and_add_up() -> None:
    stages = Stages()
    with stages("first"):
        pass
    before = stages.seconds["first"]
    with stages("second"), stages("first"):
        pass
    assert list(stages.seconds) == ["first", "second"]
    assert stages.seconds["first"] >= before


def test_a_question_goes_through_its_stages(assistant: Assistant) -> None:
    stages = Stages()
    answer = assistant.ask("Who designed the bridge?", stages=stages)
    assert list(stages.seconds) == ["encode", "search", "choose"]
    assert answer == assistant.ask("Who designed the bridge?")
