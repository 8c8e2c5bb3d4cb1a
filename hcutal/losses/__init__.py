"""The losses of HC-UTAL, one file each, and Dynamic Weight Average."""
