"""Detection mAP, average recall, the level of chance, and kinds of errors."""
