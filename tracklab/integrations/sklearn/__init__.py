"""scikit-learn: charts of a model, computed with it and logged to the current run.

    from tracklab.integrations.sklearn import plot_classifier

    plot_classifier(model, X_train, X_test, y_train, y_test, y_pred, y_probas, labels)

What cannot be plotted is said on the terminal, and the program goes on. The model that is given
stays as it is: what has to be fitted again is a copy.
"""

from tracklab.integrations.sklearn.classifiers import (
    plot_calibration_curve,
    plot_class_proportions,
    plot_classifier,
    plot_confusion_matrix,
    plot_feature_importances,
    plot_precision_recall,
    plot_roc,
)
from tracklab.integrations.sklearn.clusterers import (
    plot_clusterer,
    plot_elbow_curve,
    plot_silhouette,
)
from tracklab.integrations.sklearn.regressors import (
    plot_outlier_candidates,
    plot_regressor,
    plot_residuals,
)
from tracklab.integrations.sklearn.scores import plot_learning_curve, plot_summary_metrics

__all__ = [
    "plot_calibration_curve",
    "plot_class_proportions",
    "plot_classifier",
    "plot_clusterer",
    "plot_confusion_matrix",
    "plot_elbow_curve",
    "plot_feature_importances",
    "plot_learning_curve",
    "plot_outlier_candidates",
    "plot_precision_recall",
    "plot_regressor",
    "plot_residuals",
    "plot_roc",
    "plot_silhouette",
    "plot_summary_metrics",
]
