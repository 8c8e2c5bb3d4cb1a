"""What `hcutal localize` writes: segments in the forms of annotation tools and as a table.

- `segmented_recording.py`: what all forms are made from. `formats.py` knows the forms by name.
- `elan.py`, `label_studio.py`, `audacity.py`, `segment_table.py`: a module a form.
- `folder.py`: everything of a call in one folder, with the page of timelines (`hcutal.report.pages.localized_page`).
"""
