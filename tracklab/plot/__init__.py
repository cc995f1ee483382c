"""How do charts become a table plus a Vega-Lite spec?

Each function returns a chart to log: `run.log({"pr": tracklab.plot.pr_curve(y_true, y_probas)})`.
"""

from tracklab.plot.chart import CustomChart, Visualize, plot_table, visualize
from tracklab.plot.curves import confusion_matrix, pr_curve, roc_curve
from tracklab.plot.presets import bar, histogram, line, line_series, scatter

__all__ = [
    "CustomChart",
    "Visualize",
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
    "visualize",
]
