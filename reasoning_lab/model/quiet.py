"""Keep off the screen what other libraries say that tells the user nothing."""

import logging as standard
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging

# Said after each save on many network file systems; checkpoints are numbered, so nothing is lost.
_SAID_OF_FOLDERS = "mtime may not be reliable"


@contextmanager
def no_bars() -> Iterator[None]:
    """Hide the progress bars of loading and saving, and show them again afterwards if they were."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


@contextmanager
def no_rename_warnings() -> Iterator[None]:
    """Keep quiet about peft's and transformers' own use of a name that transformers renamed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing.*", FutureWarning)
        yield


@contextmanager
def no_talk_of_folders() -> Iterator[None]:
    """Keep quiet about file systems without exact times."""
    logger = logging.get_logger("transformers.trainer_utils")
    logger.addFilter(_tells)
    try:
        yield
    finally:
        logger.removeFilter(_tells)


def _tells(record: standard.LogRecord) -> bool:
    return _SAID_OF_FOLDERS not in record.getMessage()
