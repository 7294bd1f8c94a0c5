"""A run as a diagram and as a table."""

from fsm.trace import mermaid, seconds_text, table
from protocol.messages import StateVisit
from tests.mermaid import parse

RUN = tuple(
    StateVisit(state=state, seconds=seconds)
    for state, seconds in (
        ("start", 0.0),
        ("preprocessing_in_progress", 0.042),
        ("function_call_result_pending", 3.1),
        ("awaiting_approval", 41.5),
        ("function_call_result_pending", 2.0),
        ("function_call_result_pending", 0.5),
        ("function_call_result_pending", 0.25),
        ("postprocessing_in_progress", 0.01),
        ("end", 0.0),
    )
)


def test_a_diagram_shows_each_state_once_with_its_time_and_the_order_of_moves() -> None:
    assert mermaid(RUN) == (
        "stateDiagram-v2\n"
        '    state "start<br/>0.00 s" as s1\n'
        '    state "preprocessing_in_progress<br/>42.0 ms" as s2\n'
        '    state "function_call_result_pending<br/>4 visits, 5.85 s" as s3\n'
        '    state "awaiting_approval<br/>41.50 s" as s4\n'
        '    state "postprocessing_in_progress<br/>10.0 ms" as s5\n'
        '    state "end<br/>0.00 s" as s6\n'
        "    [*] --> s1\n"
        "    s1 --> s2: 1\n"
        "    s2 --> s3: 2\n"
        "    s3 --> s4: 3\n"
        "    s4 --> s3: 4\n"
        "    s3 --> s3: 5-6\n"
        "    s3 --> s5: 7\n"
        "    s5 --> s6: 8\n"
        "    s6 --> [*]"
    )


def test_a_table_lists_the_visits_in_their_order() -> None:
    assert table(RUN).splitlines() == [
        "1  start                          0.00 s",
        "2  preprocessing_in_progress     42.0 ms",
        "3  function_call_result_pending   3.10 s",
        "4  awaiting_approval             41.50 s",
        "5  function_call_result_pending   2.00 s",
        "6  function_call_result_pending   0.50 s",
        "7  function_call_result_pending   0.25 s",
        "8  postprocessing_in_progress    10.0 ms",
        "9  end                            0.00 s",
        "   in all                        47.40 s",
    ]


def test_names_from_a_device_cannot_pass_for_punctuation() -> None:
    wild = tuple(
        StateVisit(state=state, seconds=1)
        for state in (
            'a" as s2',
            "b --> c: 1",
            "[*]",
            "%% note",
            "#quot;",
            "<script>",
            "state",
            "end",
            "größe",
        )
    )
    drawing = parse(mermaid(wild))
    assert drawing.path == [f"s{number}" for number in range(1, 10)]
    assert [label.partition("<br/>")[0] for label in drawing.labels.values()] == [
        "a as s2",
        "b -- c 1",
        "?",
        "note",
        "quot",
        "script",
        "state",
        "end",
        "größe",
    ]


def test_a_run_without_states_is_a_diagram_without_states() -> None:
    assert mermaid(()) == "stateDiagram-v2"
    assert table(()) == "  in all  0.00 s"


def test_times_are_written_as_people_read_them() -> None:
    times = {0.0: "0.00 s", 0.0004: "0.4 ms", 0.0999: "99.9 ms", 0.1: "0.10 s", 75.456: "75.46 s"}
    assert {seconds: seconds_text(seconds) for seconds in times} == times
