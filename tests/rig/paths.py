# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the sources and the built programs are."""

import os

SOURCE_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build(name):
    """A file below the build root, which DIGISIGN_BUILD names; by default `build` in the source root."""
    root = os.environ.get("DIGISIGN_BUILD", os.path.join(SOURCE_ROOT, "build"))
    path = os.path.join(root, name)
    if not os.path.exists(path):
        raise RuntimeError(f"{path} is not built; DIGISIGN_BUILD names the build directory")
    return path


def shared(name):
    """A file of the project's shared reference folder, or None where the folder is not there."""
    root = os.environ.get("DIGISIGN_SHARED", os.path.join(os.path.dirname(SOURCE_ROOT), "shared"))
    path = os.path.join(root, name)
    return path if os.path.exists(path) else None
