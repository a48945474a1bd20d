"""`python -m reasoning_lab.model.start_ranks MODULE …`: torch's or accelerate's launcher, quiet.

When a rank fails, the launcher ends the others and then shows a traceback of itself and a table of
exit statuses. The rank has said what was wrong; nothing of the launcher's helps.
"""

import logging
import runpy
import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError


def main() -> int:
    """Run the launcher named first on the command line with the arguments after it."""
    sys.argv = sys.argv[1:]
    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except ChildFailedError:
        return 1
    except SignalException as ended:
        return 128 + ended.sigval
    return 0


if __name__ == "__main__":
    sys.exit(main())
