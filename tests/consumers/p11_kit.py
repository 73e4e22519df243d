# SPDX-License-Identifier: LGPL-2.1-or-later
"""The module as p11-kit finds it, and with it all that uses p11-kit: GnuTLS, OpenConnect."""

import os

import paths


def _module_file():
    """The one that is installed, for a module that is not."""
    with open(os.path.join(paths.SOURCE_ROOT, "pkcs11/digisign.module"), encoding="utf-8") as file:
        text = file.read()
    name = "digisign-pkcs11.so"
    if f"module: {name}\n" not in text:
        raise RuntimeError("the module file does not name the module")
    return text.replace(f"module: {name}\n", f"module: {paths.build('pkcs11/' + name)}\n")


class P11Kit:
    """Makes p11-kit load this module only. `wrapper` goes before every command line."""

    def __init__(self, rig):
        self.wrapper = ()
        configuration = os.path.join(rig.env["XDG_CONFIG_HOME"], "pkcs11")
        modules = os.path.join(configuration, "modules")
        os.makedirs(modules)
        with open(os.path.join(modules, "digisign.module"), "w", encoding="utf-8") as file:
            file.write(_module_file())
        if os.getuid() != 0:
            with open(os.path.join(configuration, "pkcs11.conf"), "w", encoding="ascii") as file:
                file.write("user-config: only\n")
        else:
            # p11-kit does not read root's own configuration.
            self.wrapper = ("unshare", "--mount", "sh", "-c",
                            'mount --bind "$0" /usr/share/p11-kit/modules && exec "$@"', modules)
