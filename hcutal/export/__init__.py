"""Found segments in the forms of annotation tools."""
