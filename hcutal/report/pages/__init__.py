"""The pages: which sections they have, and what their headers say.

- `run_page.py`: `report.html` of a run, from what its stages wrote; its `SECTIONS` are in order.
- `experiment_page.py`: `report.html` of an experiment, its numbers over all seeds.
- `evaluation_page.py`: what `hcutal evaluate --html` writes.
- `localized_page.py`: `timeline.html` of `hcutal localize`.
"""
