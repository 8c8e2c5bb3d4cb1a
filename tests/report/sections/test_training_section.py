"""Panels of the training curves."""

import numpy as np
import pandas as pd

from hcutal.report.sections.training_section import base_name, draw_training, split_columns


def test_columns_of_the_curves_are_told_apart() -> None:
    curves = pd.DataFrame({"step": [0.0], "boundary": [1.0], "vertical": [np.nan], "weight_video": [1.0]})
    assert split_columns(curves) == (["boundary"], ["weight_video"])
    assert base_name("weight_video") == base_name("loss/video") == "video"
    assert base_name("total") == "total"
    assert base_name("loss") == "loss"


def test_every_loss_has_a_panel_on_the_same_steps() -> None:
    step = np.arange(100.0)
    sparse = np.where(step % 50 == 0, 8.0, np.nan)
    curves = pd.DataFrame(
        {"step": step, "a": np.exp(-step), "b": step, "clusters": sparse, "weight_a": 1 + step}
    )
    shown = [axes for axes in draw_training(curves).axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == ["a", "b", "clusters", "weights of the losses"]
    assert len({axes.get_xlim() for axes in shown}) == 1
