"""Sizes that the figures share. Lengths are inches, sizes of text and widths of lines points."""

from __future__ import annotations

POINTS = 72.0  # in an inch
PNG_DPI = 150  # sharp on a screen, and light enough to be sent
DPI = 100.0  # of figures that nobody has asked for as a file

# the sheet is as wide as a landscape page between its margins; nothing stands nearer to its edges than MARGIN
WIDTH, MARGIN = 10.2, 0.12

# the finding is read first, then what the panels are, then their numbers; the footnote waits for who asks
TITLE_SIZE, SUBTITLE_SIZE, HEADING_SIZE, TEXT_SIZE = 14.0, 10.0, 11.0, 10.0
TICK_SIZE, SMALL_SIZE, NOTE_SIZE, TINY_SIZE = 9.5, 8.5, 8.0, 6.8
LINE = 1.35  # height of a line of text, in font sizes
TOGETHER = 1.1  # line spacing of a label of several lines: tight, so that neighbours stay apart

# what the scenario does stands out, the baseline stands back, axes and what lies behind are hardly there
DATA_LINE, BASELINE_LINE, AXIS_LINE, HAIR_LINE = 2.0, 1.2, 0.8, 0.5
DASHES, DOTS = (0.0, (4.0, 2.0)), (0.0, (2.0, 2.0))  # baseline, focus year: widths drawn and left out
POINT = 4.5  # a marker, wider than any line it sits on
BAND_SHOWS, GRID_SHOWS = 0.2, 0.6  # of their colour: lines and other bands are seen through a band

# rooms around panels: for ticks and name of the vertical axis, below for years, at the right for half a year's tick
PANEL_HEIGHT, AXIS_ROOM, YEAR_ROOM, END_ROOM = 3.4, 0.62, 0.3, 0.25
HEADING_GAP = 0.15  # between a panel and the heading over it
GAP = 0.2  # between what must not be taken for one thing
LABEL_ROOM = 1.62  # beside a panel: a name in two lines with its numbers
NAME_ROOM, NAME_GAP = 1.75, 0.15  # before a panel: names of rows, and what keeps them off the axis
LABEL_OFF = 6.0  # points between the end of a line and its label
LEADER_FROM, LEADER_TO, LEADER_GAP = 0.03, 0.18, 0.03  # a line from the edge of a panel to a label pushed away
