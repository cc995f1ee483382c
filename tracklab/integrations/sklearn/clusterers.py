"""Charts of clusterers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracklab import clock
from tracklab.integrations.hooks import loaded
from tracklab.integrations.sklearn.charts import can_plot, log_chart, plain
from tracklab.sdk.terminal import termlog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["plot_clusterer", "plot_elbow_curve", "plot_silhouette"]

_GAP = 10  # between the clusters of a silhouette


def plot_clusterer(
    model: Any,
    X_train: Any,  # noqa: N803 - as scikit-learn calls it
    cluster_labels: Any,
    labels: Sequence[Any] | None = None,
    model_name: str = "Clusterer",
) -> None:
    """Log `plot_elbow_curve`, if the model has centers, and `plot_silhouette`."""
    termlog(f"Plotting {model_name}.")
    has_centers = hasattr(model, "cluster_centers_") and hasattr(model, "n_clusters")
    if has_centers:
        plot_elbow_curve(model, X_train)
    plot_silhouette(model, X_train, cluster_labels, labels, kmeans=has_centers)


def plot_elbow_curve(
    clusterer: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    cluster_ranges: Iterable[int] | None = None,
    n_jobs: int = 1,  # noqa: ARG001 - wandb's signature
    show_cluster_time: bool = True,  # noqa: ARG001, FBT001, FBT002 - as above
) -> None:
    """Log `elbow_curve`: how well copies with other numbers of clusters fit, and their time.

    Args:
        clusterer: a fitted one, with `n_clusters`.
        X: features.
        cluster_ranges: numbers of clusters; None for 1, 3, 5, 7 and 9.
        n_jobs: no effect.
        show_cluster_time: no effect.
    """
    if not hasattr(clusterer, "n_clusters"):
        termlog("n_clusters attribute not in classifier. Cannot plot elbow method.")
        return
    if not can_plot(clusterer, kind="clusterer", X=X):
        return
    base = loaded("sklearn.base", package="scikit-learn", wanted_by="plot_*()")
    rows = []
    for count in sorted(cluster_ranges or range(1, 10, 2)):
        began_s = clock.monotonic()
        model = base.clone(clusterer).set_params(n_clusters=count).fit(X)
        rows.append([count, abs(float(model.score(X))), clock.monotonic() - began_s])
    log_chart(
        "elbow_curve", "wandb/line/v0", {"x": "cluster_ranges", "y": "errors"},
        columns=["cluster_ranges", "errors", "clustering_time"], rows=rows,
    )  # fmt: skip


def plot_silhouette(  # noqa: PLR0917 - wandb's signature
    clusterer: Any = None,
    X: Any = None,  # noqa: N803 - as scikit-learn calls it
    cluster_labels: Any = None,
    labels: Sequence[Any] | None = None,  # noqa: ARG001 - wandb's signature
    metric: str = "euclidean",
    kmeans: bool = True,  # noqa: FBT001, FBT002 - as above
) -> None:
    """Log `silhouette_plot`: how well each row fits its cluster, from -1 to 1.

    Args:
        clusterer: a fitted one.
        X: features, of two columns or more.
        cluster_labels: the cluster of each row.
        labels: no effect.
        metric: how far is measured.
        kmeans: whether the clusterer has `cluster_centers_`.
    """
    import numpy as np  # noqa: PLC0415 - scikit-learn loads it anyway

    if not can_plot(clusterer, kind="clusterer", X=X, cluster_labels=cluster_labels):
        return
    metrics = loaded("sklearn.metrics", package="scikit-learn", wanted_by="plot_*()")
    features, clusters = np.asarray(X), np.asarray(cluster_labels)
    scores = metrics.silhouette_samples(features, clusters, metric=metric)
    centers = clusterer.cluster_centers_ if kmeans else None
    heights: list[int] = []
    bars: list[float] = []
    colors: list[int] = []
    bottom = _GAP
    for number, cluster in enumerate(np.unique(clusters)):
        ordered = np.sort(scores[clusters == cluster]).tolist()
        heights += range(bottom, bottom + len(ordered))
        bars += ordered
        colors += [number] * len(ordered)
        bottom += len(ordered) + _GAP
    rows = [
        [
            *features[index, :2].tolist(), plain(cluster), *_center(centers, cluster),
            heights[index], 0, bars[index], colors[index], float(scores.mean()),
        ]
        for index, cluster in enumerate(clusters)
    ]  # fmt: skip
    log_chart(
        "silhouette_plot", "wandb/scatter/v0", {"x": "x2", "y": "y_sil"},
        columns=["x", "y", "colors", "centerx", "centery", "y_sil", "x1", "x2", "color_sil",
                 "silhouette_avg"],
        rows=rows,
    )  # fmt: skip


def _center(centers: Any, cluster: Any) -> list[float | None]:
    """Return the first two coordinates of a cluster's center, None without one."""
    if centers is None or not 0 <= cluster < len(centers):
        return [None, None]
    first, second, *_ = centers[cluster].tolist()
    return [first, second]
