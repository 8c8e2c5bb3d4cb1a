"""THUMOS'14: which of its test videos are evaluated. Numbers over different lists are not comparable."""

from collections.abc import Collection

# Annotated test videos that every list has: the 210 of STPN, BaS-Net and CoLA.
_COMMON = """
4 6 7 11 26 28 39 45 46 51 58 62 73 85 113 129 131 173 179 188 211 220 238 242 250 254 273 278 285 292
293 308 319 324 353 355 357 367 372 374 379 392 405 412 413 423 426 429 437 442 443 444 448 450 461 464
504 505 538 541 549 556 558 560 569 577 591 593 601 602 611 615 617 622 624 626 635 664 665 671 672 673
689 691 698 701 714 716 718 723 724 730 737 740 756 762 765 767 771 785 786 793 796 798 807 814 839 844
846 847 854 864 873 882 887 896 897 903 940 946 950 964 981 987 989 991 1008 1038 1039 1040 1058 1064
1066 1072 1075 1076 1078 1079 1080 1081 1098 1114 1118 1123 1127 1129 1134 1135 1146 1153 1159 1162 1163
1164 1168 1174 1182 1194 1195 1201 1202 1207 1209 1219 1223 1229 1235 1247 1255 1257 1267 1268 1270 1276
1281 1307 1309 1313 1314 1319 1324 1325 1339 1343 1358 1369 1389 1391 1409 1431 1433 1446 1447 1452 1459
1460 1463 1468 1483 1484 1495 1508 1512 1522 1527 1531 1532 1549 1556 1558
"""
# 1292 has no action of the 20 classes, and the annotations of 270 and 1496 are wrong.
_DISPUTED: dict[str, tuple[int, ...]] = {
    "213": (270, 1292, 1496),
    "212": (270, 1496),
    "211": (1496,),
    "210": (),
}
LISTS = tuple(_DISPUTED)
# Not a class: its annotators could not tell whether it is one of the 20 actions.
AMBIGUOUS = "Ambiguous"


def test_videos(name: str) -> set[str]:
    """The videos of the list "213", "212", "211" or "210"."""
    numbers = [*map(int, _COMMON.split()), *_DISPUTED[name]]
    return {f"video_test_{number:07}" for number in numbers}


def list_of(videos: Collection[str]) -> str | None:
    """The list that consists of `videos`; None where they are none of them."""
    return next((name for name in LISTS if test_videos(name) == set(videos)), None)


def ambiguous_label(videos: Collection[str]) -> str | None:
    """The label of segments that are no class, where these are videos of THUMOS'14."""
    return AMBIGUOUS if is_thumos14(videos) else None


def is_thumos14(videos: Collection[str]) -> bool:
    """Whether all names are those of THUMOS'14's validation and test videos, with one test video at least."""
    kinds = {video.rstrip("0123456789") for video in videos}
    return "video_test_" in kinds and kinds <= {"video_test_", "video_validation_"}
