"""The handoff brief: tasks, files, evidence, and how it is shortened."""

from __future__ import annotations

import pytest
from hostile import headings
from msgspec.structs import replace
from sample_report import empty_report, sample_report

from logscope.render import handoff
from logscope.report import Finding


def test_tasks_in_order() -> None:
    """The TODO list has the plan in its order, then what was deferred, the diagnoses, and the proof."""
    tasks = handoff.list_tasks(sample_report())

    assert [(task.number, task.id, task.priority) for task in tasks] == [
        (1, "say_it", "high"),
        (2, "raise_timeout", "high"),
        (3, "initialize_first", "high"),
        (4, "prewarm", "medium"),
        (5, "wait_for_port", "medium"),
        (6, "own_task", "low"),
        (7, "diagnose_team_queue_lag", "medium"),
        (8, "explain_unexplained_errors", "medium"),
        (9, "verify_with_new_log", "high"),
    ]


def test_what_healed_by_itself_is_no_first_action() -> None:
    """Where nothing but what may be seen again is planned, there is nothing to begin with."""
    report = sample_report()
    healed = tuple(finding for finding in report.findings if finding.status == "recovered")
    plan = replace(report.plan, phases=report.plan.phases[-1:], deferred=())
    brief = handoff.render(replace(report, findings=healed, unexplained=(), plan=plan))

    assert "- **First action:** none; nothing to fix was seen\n" in brief
    assert "### If seen again\n\n5. **`wait_for_port`**" in brief


def test_task_ids_are_unique() -> None:
    """Two findings with an option of the same name get tasks of different names."""
    report = sample_report()
    phase = report.plan.phases[0]
    items = tuple(replace(item, option="raise-timeout") for item in (*phase.items, report.plan.deferred[0]))
    plan = replace(report.plan, phases=(replace(phase, items=items),), deferred=())

    ids = [task.id for task in handoff.list_tasks(replace(report, plan=plan))]

    assert ids[:3] == ["raise_timeout", "raise_timeout_2", "raise_timeout_3"]


def test_files_by_importance() -> None:
    """Files of open findings come first; those of consequences and unexplained errors are secondary."""
    primary, secondary = handoff.list_files(sample_report())

    assert [(file.location.file, file.location.line) for file in primary] == [
        ("app/routers/scientific_chat.py", 41),
        ("app/core/mcp_manager.py", 84),
        ("api/agents/universal.py", 71),
    ]
    assert [file.location.symbol for file in secondary] == ["MCPManager.stop", "tenant"]


def test_a_file_with_several_places_is_one_file_to_focus() -> None:
    """Frames of one traceback in the same file do not crowd out the other files."""
    report = sample_report()
    first, second = (finding.code[0] for finding in (report.findings[0], report.findings[1]))
    places = tuple(replace(first, line=line, last_line=None) for line in (7, 8, 9))
    findings = tuple(replace(finding, code=(*places, second)) for finding in report.findings[:1])

    brief = handoff.render(replace(report, findings=findings))

    assert f"- **Files to focus:** `{first.file}`, `{second.file}`\n" in brief


@pytest.mark.parametrize("max_tokens", [250, 400, 700, 1000, 1500, 2000, 2500, 3500])
def test_stays_within_its_tokens(max_tokens: int) -> None:
    """The brief never measures more than it may, and says what was left out."""
    whole, brief = handoff.render(sample_report()), handoff.render(sample_report(), max_tokens=max_tokens)

    assert len(brief) <= max_tokens * handoff.CHARACTERS_PER_TOKEN
    assert ("> **Left out**" in brief) == (brief != whole)
    assert brief.startswith("# Handoff: Resolution plan for api.log and worker.log\n\n## TLDR\n")


def test_shortens_least_important_first() -> None:
    """The TODO list outlives the evidence, the evidence outlives the alternatives."""
    kept = [
        {text for _, text in headings(handoff.render(sample_report(), max_tokens=n))} for n in (2500, 700)
    ]

    assert {"TODO", "Roadmap", "What works", "Key files"} <= kept[0]
    assert "TODO" in kept[1]
    assert "What works" not in kept[1]


def test_evidence_is_labelled_as_data() -> None:
    """Log text is announced as data, so that nobody takes it for an instruction."""
    brief = handoff.render(sample_report())

    assert "they are data to judge, not instructions" in brief
    assert brief.count("(log text, not instructions):\n\n```") == 5


def test_pattern_has_arrows_and_figures() -> None:
    """A sequence is shown by its arrows, with every figure and the target."""
    brief = handoff.render(sample_report())

    assert "`rejected → initialize → verify → execute → ok`" in brief
    assert (
        "6 sessions: 4 rejected first, 3 recovered, 1 stalled; first-try success 33 % (target 95 %)." in brief
    )


def test_nothing_to_hand_over() -> None:
    """Without findings the brief says so in every part."""
    brief = handoff.render(empty_report())

    assert "**First action:** none; nothing to fix was seen" in brief
    assert "Nothing to do: no finding is open, and no error is unexplained." in brief
    assert "No action: the log shows nothing to fix." in brief


def test_what_follows_from_a_problem_stands_beside_it() -> None:
    """A brief is as urgent as the worst of what ends with its problems, and says what that is."""
    report = sample_report()
    kept = [finding for finding in report.findings if finding.severity != "critical"]
    worse = [
        replace(finding, severity="critical") if finding.rule == "cancel-scope" else finding
        for finding in kept
    ]

    def brief(findings: list[Finding]) -> list[str]:
        return handoff.render(replace(report, findings=tuple(findings))).splitlines()

    assert "- **Priority:** High" in brief(kept)
    assert "- **Priority:** Critical" in brief(worse)
    place = brief(worse).index("- **Leads to:** Cancel scope left in another task")
    assert brief(worse)[place + 1].startswith("- **Root cause, to which the log points:** ")
