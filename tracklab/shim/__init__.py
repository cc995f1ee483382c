"""How does `import wandb` find us?

A program that was written for wandb runs unchanged: `import wandb`, and any of the deep paths that
such programs use, gives tracklab's own objects. Nothing here is loaded unless it is asked for, by
`tracklab.install_as_wandb()`, by `TRACKLAB_AS_WANDB=1` or by `tracklab run`; a wandb that is
installed is never hidden otherwise.
"""
