# SPDX-License-Identifier: LGPL-2.1-or-later
"""A database of NSS that knows the module, as a browser's profile has one."""

import os
import subprocess


def make_database(directory, module, trusted, options=()):
    """`trusted`: files with authorities, and servers' certificates that are their own authority. `options` of modutil."""
    os.makedirs(directory, exist_ok=True)
    database = f"sql:{directory}"

    def run(*arguments):
        subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    run("certutil", "-N", "--empty-password", "-d", database)
    for number, certificate in enumerate(trusted):
        run("certutil", "-A", "-d", database, "-n", f"trusted {number}", "-t", "CT,C,C", "-i", certificate)
    run("modutil", "-force", "-dbdir", database, "-add", "DigiSign", "-libfile", module, *options)
    return database
