"""What the script of a run's page knows, by which a person names clusters and marks segments."""

from typing import Any

from hcutal.cluster.mapping import training_id
from hcutal.labelling.names_table import COLUMNS, names_rows
from hcutal.layout import RunPaths, dropped_file, marks_file, names_file
from hcutal.report.material import Material


def labelling_data(material: Material) -> dict[str, Any] | None:
    """Run, training, tables in labels/, clusters and what they are called; None where there is no folder of recordings.

    Under weak supervision there are classes in the place of clusters: nothing is to be named, but segments are marked.
    """
    outputs = material.outputs
    if not outputs.recordings:
        return None
    run, names = outputs.run, outputs.settings_of("map").get("names") or {}
    training = training_id(RunPaths.of(run).pseudo_labels)
    is_named = outputs.names_given > 0
    rows = (
        [] if outputs.supervision == "weak" else names_rows(outputs.pseudo_labels, outputs.mapping, training)
    )
    return {
        "run": run,
        "training": training,
        "files": {
            "names": str(names_file(run)),
            "marks": str(marks_file(run)),
            "dropped": str(dropped_file(run)),
        },
        "columns": COLUMNS,
        "clusters": [{**row, "name": names.get(str(row["cluster"]), "") if is_named else ""} for row in rows],
        "labels": outputs.named_clusters,
    }
