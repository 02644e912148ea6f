"""`migrate review`: the queue, read only."""

from __future__ import annotations

import json
from pathlib import Path

from cli_process import Git, Migrate


def test_list_has_a_line_for_each_file_with_counts_by_reason(
    migrate: Migrate, project: Path
) -> None:
    result = migrate("review", "list", cwd=project)
    assert (result.returncode, result.stderr) == (0, "")
    assert "     1  app/helper.py  1 no-receiver\n" in result.stdout
    assert "failed  app/broken.py:1: syntax-error: " in result.stdout
    assert "\n1 site for review in 1 file, 1 file failed.\n" in result.stdout
    assert migrate("review", cwd=project).stdout == result.stdout


def test_list_can_be_narrowed_to_paths_and_codemods(migrate: Migrate, project: Path) -> None:
    result = migrate("review", "list", "-c", "metadata-storage", "app/triage.py", cwd=project)
    assert result.stdout == "Nothing for review: 1 file looked at.\n"
    assert migrate("review", "list", "-c", "nope", cwd=project).returncode == 2


def test_show_prints_every_entry_of_a_file_in_full(migrate: Migrate, project: Path) -> None:
    text = migrate("review", "show", "app/helper.py", cwd=project).stdout
    assert text.startswith("app/helper.py:5:5  ")
    assert "metadata-storage.assign: no-receiver\n" in text
    assert '| context.metadata["note"] = 1\n' in text


def test_a_file_is_found_from_elsewhere_by_the_path_that_reports_use(
    migrate: Migrate, project: Path
) -> None:
    here = migrate("review", "show", "app/helper.py", cwd=project).stdout
    assert migrate("review", "show", "app/helper.py", cwd=project / "app").stdout == here
    assert migrate("review", "show", "helper.py", cwd=project / "app").stdout == here
    assert migrate("review", "show", "app/helper.py", "-C", str(project)).stdout == here


def test_show_finds_a_finding_by_its_id_whatever_its_status(
    migrate: Migrate, project: Path
) -> None:
    report = json.loads(migrate("--format", "json", cwd=project).stdout)
    (file,) = [file for file in report["files"] if file["path"] == "app/triage.py"]
    text = migrate("review", "show", file["findings"][0]["id"], cwd=project).stdout
    assert text.startswith(f"app/triage.py:7:9  {file['findings'][0]['id']}\n")
    assert "becomes:\n          | self.store_metadata_result(" in text


def test_json_has_the_same_findings_as_the_report(migrate: Migrate, project: Path) -> None:
    report = json.loads(migrate("--format", "json", cwd=project).stdout)
    expected = [
        {
            "path": file["path"],
            "failure": file["failure"],
            "findings": [f for f in file["findings"] if f["status"] == "review"],
        }
        for file in report["files"]
        if file["outcome"] in ("review", "partial", "failed")
    ]
    listed = json.loads(migrate("review", "list", "--format", "json", cwd=project).stdout)
    assert listed == {"schema": "migrate-queue/1", "files": expected}
    shown = json.loads(
        migrate("review", "show", "app/helper.py", "--format", "json", cwd=project).stdout
    )
    assert shown["files"] == [file for file in expected if file["path"] == "app/helper.py"]


def test_an_unknown_name_is_wrong_usage(migrate: Migrate, project: Path) -> None:
    result = migrate("review", "show", "nothing", cwd=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("error: no file and no finding is called 'nothing'")


def test_reading_the_queue_changes_nothing(migrate: Migrate, project: Path, git: Git) -> None:
    migrate("review", "list", cwd=project)
    migrate("review", "show", "app/helper.py", cwd=project)
    assert git(project, "status", "--porcelain") == ""
