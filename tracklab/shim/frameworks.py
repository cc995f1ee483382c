"""The part of the table of names that is about frameworks, which wandb has integrations for."""

from __future__ import annotations

from typing import Final

__all__ = ["FRAMEWORKS", "NOT_HERE"]

#: What each module gives, by wandb's name for it below `integration`. Ours has the framework's
#: name below `integrations`.
_MODULES: Final = {
    "catboost": ("WandbCallback", "log_summary"),
    "gym": ("monitor",),
    "keras": ("WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"),
    "keras.callbacks": (
        "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint",
    ),
    "lightgbm": ("log_summary", "wandb_callback"),
    "lightning.fabric": ("WandbLogger",),
    "openai": ("autolog",),
    "sacred": ("WandbObserver",),
    "sb3": ("WandbCallback",),
    "sklearn": (
        "plot_calibration_curve", "plot_class_proportions", "plot_classifier", "plot_clusterer",
        "plot_confusion_matrix", "plot_elbow_curve", "plot_feature_importances",
        "plot_learning_curve", "plot_outlier_candidates", "plot_precision_recall",
        "plot_regressor", "plot_residuals", "plot_roc", "plot_silhouette", "plot_summary_metrics",
    ),
    "tensorboard": ("patch", "unpatch"),
    "weave": ("RunPath", "active_run_path"),
    "xgboost": ("WandbCallback", "wandb_callback"),
    # Where wandb has them, for programs that import them from there.
    "catboost.catboost": ("WandbCallback", "log_summary"),
    "keras.callbacks.metrics_logger": ("WandbMetricsLogger",),
    "keras.callbacks.model_checkpoint": ("WandbModelCheckpoint",),
    "keras.callbacks.tables_builder": ("WandbEvalCallback",),
    "keras.keras": ("WandbCallback",),
    "lightning.fabric.logger": ("WandbLogger",),
    "sb3.sb3": ("WandbCallback",),
    "xgboost.xgboost": ("WandbCallback", "wandb_callback"),
}  # fmt: skip
_OURS: Final = {"lightning": "fabric"}
#: Those that are also found without `integration`.
_SHORT: Final = ("catboost", "gym", "keras", "lightgbm", "sacred", "sklearn", "tensorboard",
                 "xgboost")  # fmt: skip


def _ours(module: str) -> str:
    """Return our room of a module: we have one for each framework."""
    framework = module.partition(".")[0]
    return _OURS.get(framework, framework)


_NAMES: Final = {
    f"{module}.{name}": f"integrations.{_ours(module)}:{name}"
    for module, names in _MODULES.items()
    for name in names
}
FRAMEWORKS: Final = {
    **{f"integration.{path}": place for path, place in _NAMES.items()},
    **{path: place for path, place in _NAMES.items() if path.partition(".")[0] in _SHORT},
    "tensorboard.log": "integrations.tensorboard:log",
    "tensorboard._log": "integrations.tensorboard:log",
    "integration.tensorboard._log": "integrations.tensorboard:log",
    "integration.tensorboard.log._log": "integrations.tensorboard:log",
}

_SAGEMAKER: Final = (
    "Values that SageMaker gives a program are in its environment: "
    "tracklab.init(config=json.loads(os.environ['SM_HPS']))."
)
_WEAVE: Final = "Calls are recorded with tracklab.llm_call() or tracklab.autolog('openai')."
_PIPELINE: Final = "Log what a call made: run.log({'image': tracklab.Image(picture)})."
_CALLS: Final = (
    "Language models that a program calls are recorded with tracklab.autolog('openai', 'anthropic')"
)
#: What is not here, and what to use instead.
NOT_HERE: Final = {
    "integration.diffusers.autolog": _PIPELINE,
    "integration.dspy.WandbDSPyCallback": f"{_CALLS}, scores with run.log().",
    "integration.fastai.WandbCallback":
        "It was for fastai 1. fastai 2 has its own: from fastai.callback.wandb import "
        "WandbCallback.",
    "integration.huggingface.autolog":
        "Trainers log with report_to='wandb'; of a pipeline log what it returns: "
        "run.log({'answer': text}).",
    "integration.kfp.unpatch_kfp": "Nothing is patched: remove the call.",
    "integration.kfp.wandb_log": "Call tracklab.init() and run.log() in the component.",
    "integration.metaflow.wandb_log": "Call tracklab.init() and run.log() in the step.",
    "integration.openai.fine_tuning.WandbLogger":
        "Fetch the job's result file with OpenAI's client and log its rows with run.log().",
    "integration.prodigy.upload_dataset":
        "Log the examples as a table: run.log({'dataset': tracklab.Table(...)}).",
    "integration.sagemaker.is_using_sagemaker": _SAGEMAKER,
    "integration.sagemaker.parse_sm_config": _SAGEMAKER,
    "integration.sagemaker.parse_sm_secrets": _SAGEMAKER,
    "integration.sagemaker.sagemaker_auth": "A run needs no login: remove the call.",
    "integration.sagemaker.set_global_settings": _SAGEMAKER,
    "integration.sagemaker.set_run_id": _SAGEMAKER,
    "integration.tensorflow.WandbHook":
        "It was for estimators, which TensorFlow no longer has. Use WandbMetricsLogger of "
        "wandb.integration.keras.",
    "integration.ultralytics.add_wandb_callback":
        "Ultralytics logs by itself once `yolo settings wandb=True` is set.",
    "integration.weave.build_project_path": _WEAVE,
    "integration.weave.ensure_version": _WEAVE,
    "integration.weave.init_weave": _WEAVE,
    "integration.weave.init_weave_if_imported": _WEAVE,
    "tensorflow.WandbHook":
        "It was for estimators, which TensorFlow no longer has. Use WandbMetricsLogger of "
        "wandb.integration.keras.",
}  # fmt: skip
