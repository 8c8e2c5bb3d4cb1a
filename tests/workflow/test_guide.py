"""The commands by which docs/guide.md has parameters changed and results compared with DVC, as they stand there."""

import re
import shlex
import shutil

from tests.workflow.project import ROOT, Project, commit, git

# Of a terminal.
COLUMNS = 120
# The values that the program has anyway, as a person may have written them: nothing but `parameters` runs.
USUAL = """\
evaluate: # how good they are
  tiou: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] # as in the paper
propose:
  thresholds:
    actionness: null # not used
"""


def commands() -> list[list[str]]:
    """Those of the section, in order; what follows # is left out."""
    section = (ROOT / "docs/guide.md").read_text().split("\n## Change something\n")[1].split("\n## ")[0]
    lines = re.findall(r"^    ((?:dvc|hcutal) .*)$", section, re.MULTILINE)
    words = [shlex.split(line, comments=True) for line in lines]
    found: list[list[str]] = [[]]
    for word in (word for line in words for word in [*line, ";"]):
        if word.endswith(";"):
            found[-1] += [word[:-1]] if word != ";" else []
            found.append([])
        else:
            found[-1].append(word)
    return [command for command in found if command]


def test_the_commands_of_the_guide_work_and_leave_what_they_should(project: Project) -> None:
    with (project.folder / "params.yaml").open("a") as stream:
        stream.write(USUAL)
    project.run("dvc", "repro", "parameters")
    commit(project.folder)
    # Those that share results have tests of their own.
    ours = [command for command in commands() if "remote" not in command and command[0] == "dvc"]
    assert len(ours) == 9
    said = {
        " ".join(words): project.run(*(word.replace(".watch.", ".a.") for word in words)) for words in ours
    }
    assert "up to date" in said["dvc status"]
    metrics = said["dvc metrics show"]
    assert "average_mAP" in metrics
    assert max(map(len, metrics.splitlines())) <= COLUMNS
    # One line of params.yaml, which keeps its lists, its nulls and its long lines.
    assert git(project.folder, "diff", "--numstat", "params.yaml").split()[:2] == ["1", "1"]
    for name in ("dvc exp diff", "dvc params diff"):
        assert re.search(r"experiments\.a\.train\.steps +10 +1200", said[name])
    (shown,) = (text for name, text in said.items() if name.startswith("dvc exp show"))
    head = next(line for line in shown.splitlines() if "Experiment" in line)
    assert "experiments.a.train.steps" in head
    assert not re.search(r"seed-|draws|params\.yaml|runs\.a", head)
    # Snakemake agrees with what DVC did by itself.
    assert "train@a.0" in project.executed()
    shutil.rmtree(project.folder / ".hcutal")
    project.stages()
    assert project.executed() == []
